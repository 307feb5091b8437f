"""Cells of a table as texts: numbers as people write them, what is missing as nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from ensembles.checks import is_missing
from zoo.data.class_names import WHOLE, warn_of_near_names
from zoo.utils.text import natural, nfc

# What pandas, R and databases write where there is nothing; those that it reads as nothing by default.
MISSING = {"NaN", "nan", "-NaN", "-nan", "NA", "<NA>", "N/A", "n/a", "NULL", "null", "None", "#N/A", "#NA", "#N/A N/A"}


def as_text(cell: Any) -> str:
    """Write a cell as text, without blanks around it; None, NaN and an empty cell are the empty text.

    A float that is whole is written without its ``.0``, which pandas gives to numbers beside a missing one.
    """
    if isinstance(cell, str | Path):
        return str(cell).strip()
    if isinstance(cell, bytes):
        return cell.decode().strip()
    if is_missing(cell):
        return ""
    number = cell.item() if hasattr(cell, "item") else cell
    if isinstance(number, float) and number.is_integer():
        return str(int(number))
    return str(number).strip()


def as_texts(cells: Iterable[Any]) -> list[str]:
    """Write every cell as text.

    Raises:
        ValueError: bytes that are no UTF-8.
    """
    try:
        return [as_text(cell) for cell in cells]
    except UnicodeDecodeError as error:
        raise ValueError(f"Expected texts in UTF-8; received {error.object!r}. Decode the bytes first.") from error


def as_label_texts(cells: Iterable[Any], classes: Sequence[str] | None = None) -> list[str]:
    """Write labels as the names of classes: one Unicode form, and whole numbers without ``.0`` where all are numbers.

    Args:
        cells: the labels.
        classes: names that they may be; those that are written like a label take it as it is.

    Returns:
        The names; the empty text for nothing, also where it is written as :data:`MISSING`, unless a class is called so.
    """
    texts = [nfc(text) for text in as_texts(cells)]
    given = {text for text in texts if text}
    if classes is not None:
        forms = {nfc(name): name for name in classes}
        if given <= forms.keys():
            return [forms.get(text, "") for text in texts]
    texts = without_missing(texts, classes or ())
    given &= set(texts)
    if all(WHOLE.fullmatch(text) for text in given):
        texts = [text.partition(".")[0] for text in texts]
    warn_of_near_names(sorted(given), "the labels")
    return texts


def without_missing(texts: Iterable[str], classes: Sequence[str] = ()) -> list[str]:
    """Make the words for nothing the empty text, but for those that are classes."""
    words = MISSING - set(classes)
    return ["" if text in words else text for text in texts]


def class_names(labels: Iterable[str], classes: Sequence[str] | None = None) -> tuple[str, ...]:
    """The classes that were given, or else the different labels in natural order: ``2`` before ``10``."""
    return tuple(classes) if classes is not None else tuple(sorted({*labels} - {""}, key=natural))
