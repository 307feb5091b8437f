"""Labels become class ids here, whatever form they come in and whatever source they come from.

A text is the name of a class. A number is the user's own label where the fit was given labels; elsewhere it is a class
id, the class's place in the list of names. Where the names of a fit are numbers too, later labels are read in the one
way that is possible; where both are, they are refused, and not guessed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ensembles.checks import is_missing
from zoo.data.class_names import WHOLE, FittedClasses, as_names, joined, warn_of_near_names
from zoo.utils.text import natural, nfc, suggestion

NUMBERS = "biuf"  # NumPy's letters of the dtypes of numbers
ANOTHER = "Leave these images out, or name them as the classes are."
UNSEEN = -1  # the class id of a label that the fit did not see


def as_labels(
    labels: np.ndarray, count: int, classes: Sequence[str] | None = None, *, unseen: bool = False
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Check labels and return them as ``(N,)`` int64 with the classes' names.

    Args:
        labels: ``(N,)`` or ``(N, 1)``, texts or numbers.
        count: of the images.
        classes: the names in the order of the class ids, or :class:`FittedClasses`; by default those in the labels.
        unseen: labels of the same kind that the fit was not given become ``UNSEEN`` instead of an error.

    Raises:
        ValueError: labels of another shape, length, type or range, names that are no names, or numbers that may mean
            one class or another.
    """
    names = None if classes is None else as_names(classes)
    own = classes.labels if isinstance(classes, FittedClasses) else None
    labels = _flat(labels, count)
    check_present(labels)
    if labels.dtype.kind == "U":
        typed = classes is not None and not isinstance(classes, FittedClasses)
        return _from_names(labels, names, unseen=unseen, typed=typed)
    if names is not None and own is not None:
        return _from_values(labels, own, names, unseen=unseen), names
    if labels.dtype.kind not in "iu":
        raise ValueError(
            f"Expected integer labels or names; received {labels.dtype}. Convert them: labels.astype('int64')."
        )
    ids = labels.astype(np.int64)
    low, high = int(ids.min()), int(ids.max())
    if names is None:
        return ids, _counted(low, high, count)
    if isinstance(classes, FittedClasses) and (named := as_numbered_names(ids, names)) is not None:
        return named, names
    if not 0 <= low <= high < len(names):
        raise ValueError(
            f"Expected labels of 0 to {len(names) - 1} for {len(names)} classes; received {low} to {high}. "
            "Count them from 0."
        )
    return ids, names


def check_numbering(labels: np.ndarray, classes: Sequence[str] | None) -> None:
    """Check the labels of a source that has no names, where an earlier fit had some: its numbering is unknown.

    Raises:
        ValueError: numbers, after a fit on names.
    """
    unknown = isinstance(classes, FittedClasses) and classes.labels is None and not classes.are_ids
    if unknown and np.asarray(labels).dtype.kind in NUMBERS:
        raise ValueError(
            f"Expected a dataset that names its classes, as the fit did ({joined(classes or ())}); received numbers, "
            "which Keras counts in another order than others. Give it its names: dataset.class_names = [...]."
        )


def column_names(classes: Sequence[object] | int, count: int) -> tuple[str, ...]:
    """Check the classes' names of a model's columns.

    Raises:
        ValueError: a number, not one name a column, or a name that comes twice.
    """
    if isinstance(classes, int):
        raise ValueError(
            f"Expected classes as names, one for each of {count} columns, in their order; received {classes}. "
            "Leave it out where the columns are in the data's order."
        )
    names = as_names([str(name) for name in classes] if not isinstance(classes, str) else classes)
    if len(names) != count:
        raise ValueError(
            f"Expected classes with a name for each of {count} columns; received {len(names)}. "
            "Name all of them, in the columns' order."
        )
    return names


def check_present(labels: np.ndarray) -> None:
    """Check that labels ``(N,)`` are there for every image.

    Raises:
        ValueError: None, NaN, or an empty text.
    """
    if labels.dtype.kind in "iub":
        return
    missing = [row for row, label in enumerate(labels.tolist()) if is_missing(label) or label in ("", b"")]
    if missing:
        raise ValueError(
            f"Expected a label for every image; Input y contains NaN, None or an empty text: {len(missing)} of "
            f"{len(labels)} are missing, such as that of row {missing[0]}. Leave these images out."
        )


def _flat(labels: np.ndarray, count: int) -> np.ndarray:
    """One dimension, and one kind of text."""
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if labels.ndim != 1:
        raise ValueError(
            f"Expected labels of shape (N,) or (N, 1); received {labels.shape}. "
            "If they are one-hot: labels.argmax(axis=1)."
        )
    if len(labels) != count:
        raise ValueError(f"Expected one label an image; received {count} images and {len(labels)} labels.")
    if len(labels) and (labels.dtype.kind in "ST" or all(isinstance(label, str | bytes) for label in labels.tolist())):
        return np.array([_text(label) for label in labels.tolist()], np.str_)
    return labels


def _text(label: str | bytes) -> str:
    if isinstance(label, str):
        return label
    try:
        return label.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(
            f"Expected labels in UTF-8; received {label!r}. Decode them: [label.decode('latin-1') for label in labels]."
        ) from error


def _from_names(
    labels: np.ndarray, classes: tuple[str, ...] | None, *, unseen: bool, typed: bool
) -> tuple[np.ndarray, tuple[str, ...]]:
    given = [nfc(label) for label in labels.tolist()]
    names = tuple(sorted(set(given), key=natural)) if classes is None else classes
    if classes is None:
        warn_of_near_names(names, "the labels")
    index = {nfc(name): position for position, name in enumerate(names)}
    remedy = _remedy(given, names) if typed else ANOTHER
    return _numbered(given, index, unseen=unseen, remedy=remedy), names


def _remedy(given: Sequence[str], names: Sequence[str]) -> str:
    """What to do about labels beside names that the user typed: these may be wrong."""
    strange, absent = sorted({*given} - {*map(nfc, names)}), [name for name in names if nfc(name) not in given]
    near = suggestion(absent[0], strange, listed=True) if absent else ""
    meant = f" as {absent[0]!r} of classes (zoo: --classes)? {near}" if near else "."
    return f"Leave these images out, or correct the classes{meant}"


def _from_values(labels: np.ndarray, own: np.ndarray, names: tuple[str, ...], *, unseen: bool) -> np.ndarray:
    """Numbers as the user's own labels: equal ones are the same class, whatever their dtypes."""
    if labels.dtype.kind not in NUMBERS or own.dtype.kind not in NUMBERS:
        raise ValueError(
            f"Expected labels among {joined(own)}, as the fit was given; received {joined(labels[:3])} "
            f"({labels.dtype}). Pass labels as the fit was given, or the classes' names as strings."
        )
    known = {label: position for position, label in enumerate(own.tolist())}
    if labels.dtype.kind == "b" and own.dtype.kind != "b" and not set(known) <= {0, 1}:
        raise ValueError(f"Expected labels among {joined(names)}; received bools. Pass the labels themselves.")
    given = labels.tolist()
    if unseen and not set(given) <= set(known):
        _check_counting(set(given), len(own), names)
    return _numbered(given, known, unseen=unseen)


def _check_counting(given: set[Any], count: int, names: tuple[str, ...]) -> None:
    """Check that labels, some of them new to the fit, are no other way to count its classes."""
    if any(given <= set(range(start, start + count)) for start in (0, 1)):
        raise ValueError(
            f"Expected labels among {joined(names)}, as the fit was given; received {joined(sorted(given))}, which may "
            "be the classes counted in another way. Pass labels: of class ids they are ensemble.classes_[ids]."
        )


def _numbered(given: Sequence[Any], known: dict[Any, int], *, unseen: bool, remedy: str = ANOTHER) -> np.ndarray:
    strange = sorted({label for label in given if label not in known})
    if strange and not (unseen and len(strange) < len(set(given))):
        raise ValueError(f"Expected labels among {joined(known)}; received also {joined(strange)}. {remedy}")
    return np.array([known.get(label, UNSEEN) for label in given], np.int64)


def as_numbered_names(labels: np.ndarray, names: Sequence[str]) -> np.ndarray | None:
    """Class ids of numbers that can only be names of classes, such as 1 of ``01``; None where they are none of them.

    Raises:
        ValueError: numbers that may be names or class ids, or the names of two classes.
    """
    given = set(labels.tolist())
    positions: dict[int, list[int]] = {}
    for position, name in enumerate(names):
        if WHOLE.fullmatch(name):
            positions.setdefault(int(name.partition(".")[0]), []).append(position)
    if not given <= positions.keys():
        return None
    named = np.array([positions[label][0] for label in labels.tolist()], np.int64)
    several = any(len(positions[label]) > 1 for label in given)
    if several or (given <= set(range(len(names))) and (named != labels).any()):
        raise ValueError(
            f"Expected labels that mean one class; received the numbers {joined(sorted(given))}, which may be class "
            f"ids or the names of classes called {joined(names)}. Write the names as the fit had them, as texts."
        )
    return named


def _counted(low: int, high: int, count: int) -> tuple[str, ...]:
    """The names of integer labels from ``low`` to ``high`` on ``count`` images."""
    # Without this, numbers such as patients' would be counted up to, name by name.
    if not 0 <= low <= high < count:
        raise ValueError(
            f"Expected labels counted from 0 without gaps; received {low} to {high} on {count} images. "
            "Number them: np.unique(labels, return_inverse=True)[1]."
        )
    return tuple(str(number) for number in range(high + 1))
