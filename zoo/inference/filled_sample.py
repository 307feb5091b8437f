"""A sample submission with predictions in its columns: names of classes, their ids, or probabilities."""

from __future__ import annotations

import csv
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from zoo.data.cells import as_texts
from zoo.data.tables.columns import named_for
from zoo.data.unlabelled import Unlabelled
from zoo.inference.answers import Codes, answers_of
from zoo.inference.graphs import PROBABILITIES
from zoo.inference.positive_class import check_known, chosen_class, positive_class
from zoo.inference.resumable_parts import Part, Parts, check_failures
from zoo.inference.sample import Sample, is_whole
from zoo.utils.text import nfc

logger = logging.getLogger(__name__)

ANSWER_NAMES = ("prediction", "predictions", "predicted", "expected", "answer")


@dataclass(frozen=True, eq=False)
class Filling:
    """What is written into the columns of a sample.

    Attributes:
        sample: the sample.
        label: the column that takes one answer; None where each class has a column.
        answers: ``(classes,)`` what is written for each class.
        columns: by its column the id of each class; empty where one column takes the answer.
    """

    sample: Sample
    label: str | None
    answers: tuple[str, ...]
    columns: Mapping[str, int]

    def row(self, cells: Mapping[str, str], probabilities: np.ndarray | None) -> list[str]:
        """The cells of a row, with probabilities ``(classes,)``; without any those of the sample."""
        if probabilities is None:
            return list(cells.values())
        own = {name: str(probabilities[number]) for name, number in self.columns.items()}
        if self.label is not None:
            own[self.label] = self.answers[int(probabilities.argmax())]
        return [own.get(name, cell) for name, cell in cells.items()]


def filling_of(
    sample: Sample, classes: Sequence[str], codes: Codes | None = None, positive: str | None = None
) -> Filling:
    """Say what a sample's columns take: one of each class its probability, and one the answer.

    Answers are names of classes, unless the column is one that the table of the fit had beside its labels, or the
    sample shows numbers and the names are none: then that table's numbers, or else ids.

    Args:
        sample: what is to be filled.
        classes: the classes' names.
        codes: by a further column of the fit's table, what it has for each class ``(classes,)``.
        positive: the class whose probability the one column takes; by default, where the sample shows fractions, of
            two classes the one that is called as yes.

    Raises:
        ValueError: columns of some classes only, none that is known to take the answer, or an unknown probability.
    """
    codes = codes or {}
    if positive is not None:
        return _checked(
            Filling(sample, None, (), {_label(sample.others, sample, classes): chosen_class(positive, classes)}),
            classes,
        )
    for names in (classes, *codes.values()):
        columns = _class_columns(sample, names)
        if columns:
            return _with_probabilities(sample, columns, classes, codes)
    label, shown, where = _answer_column(sample, _label(sample.others, sample, classes))
    fractions = sorted(text for text in shown if _is_number(text) and not is_whole(text))
    if fractions and not shown <= set(classes):
        number = check_known(positive_class(label, classes, codes), fractions[0], where, classes)
        return _checked(Filling(sample, None, (), {label: number}), classes)
    _hint(shown, where, classes)
    return _checked(Filling(sample, label, answers_of(label, shown, where, classes, codes), {}), classes)


def _with_probabilities(sample: Sample, columns: Mapping[str, int], classes: Sequence[str], codes: Codes) -> Filling:
    """Probabilities, and the answer as well where a further column is called as one."""
    beside = _called_answer([name for name in sample.others if name not in columns])
    if not beside:
        return _checked(Filling(sample, None, (), columns), classes)
    label, shown, where = _answer_column(sample, _label(beside, sample, classes))
    return _checked(Filling(sample, label, answers_of(label, shown, where, classes, codes), columns), classes)


def _answer_column(sample: Sample, label: str) -> tuple[str, set[str], str]:
    """A column for the answer, with the texts that the sample shows there and how messages call it."""
    shown = {text for text in as_texts(sample.table.columns[label]) if text}
    return label, shown, f"{sample.table.where}, {label!r}"


def _class_columns(sample: Sample, classes: Sequence[str]) -> dict[str, int]:
    """The columns that are called like classes, by case and blanks too where that is sure."""
    plain = {nfc(name).strip().casefold(): number for number, name in enumerate(classes)}
    exact = {nfc(name): number for number, name in enumerate(classes)}
    known = exact if len(plain) < len(classes) else plain
    forms = {name: nfc(name) if known is exact else nfc(name).strip().casefold() for name in sample.others}
    found = {name: known.get(form, -1) for name, form in forms.items()}
    columns = {name: number for name, number in found.items() if number >= 0}
    missing = [name for number, name in enumerate(classes) if number not in columns.values()]
    if len(columns) == len(sample.others) == 1 and len(classes) == 2:
        return columns  # of two classes the probability of one is enough
    if columns and (missing or len(columns) > len(classes)):
        others = [name for name in sample.others if name not in columns]
        raise ValueError(
            f"Expected a column for each class in {sample.table.where}; none for {', '.join(missing)}. "
            + (f"Rename the columns, if these are meant: {', '.join(others)}. " if others else "")
            + f"Else use a run of these classes: {', '.join(columns)}."
        )
    return columns


def _called_answer(columns: Sequence[str]) -> list[str]:
    """The columns whose name says that they take the answer."""
    return named_for(columns, "label") or [name for name in columns if name.strip().casefold() in ANSWER_NAMES]


def _label(columns: Sequence[str], sample: Sample, classes: Sequence[str]) -> str:
    """The one of a sample's columns that takes the answer."""
    found = _called_answer(columns) or list(columns)
    if len(found) > 1:
        raise ValueError(
            f"Expected one column for the answer in {sample.table.where}, or one for each of the classes "
            f"{', '.join(classes)}; received {', '.join(found)}. Rename it to label, or the columns to classes."
        )
    return found[0]


def _hint(shown: set[str], where: str, classes: Sequence[str]) -> None:
    """Where 0 may stand for a probability, say how to have one written."""
    if len(classes) == 2 and shown and all(is_whole(text) and float(text) in (0, 1) for text in shown):
        logger.info("%s takes classes; for a probability name its class: --positive %s", where, classes[1])


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _checked(filling: Filling, classes: Sequence[str]) -> Filling:
    """Say what is written and what is copied."""
    taken = [*filling.columns, *filter(None, [filling.label])]
    copied = [name for name in filling.sample.others if name not in taken]
    what = " and ".join(["probabilities"] * bool(filling.columns) + ["classes"] * bool(filling.label))
    if len(filling.columns) == 1 < len(classes):
        what = f"probabilities of {classes[next(iter(filling.columns.values()))]!r}"
    logger.info("%s: %s are written into %s", filling.sample.table.where, what, ", ".join(taken))
    if copied:
        logger.warning("%s: copied as they are: %s", filling.sample.table.where, ", ".join(copied))
    return filling


def fill(
    filling: Filling, parts: Parts, count: int, source: Unlabelled, out: Path, *, allowed: float | None
) -> dict[int, str]:
    """Write a sample with the predictions of its rows; return the reasons of those without, by index.

    Args:
        filling: what is written.
        parts: the predictions, in the order of the rows.
        count: of the parts.
        source: the images.
        out: the file.
        allowed: the share of rows whose image may be unreadable, and which keep the sample's own cells; None for none.

    Raises:
        UnreadableImagesError: more images that cannot be read.
    """
    failures = {index: reason for part in _each(parts, count) for index, reason in part.failures.items()}
    check_failures(failures, source, allowed)
    table = filling.sample.table
    rows = (dict(zip(table.columns, cells, strict=True)) for cells in zip(*table.columns.values(), strict=True))
    with out.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter=table.delimiter, lineterminator="\n")
        writer.writerow(table.header or table.columns)
        for cells, probabilities in zip(rows, _probabilities(parts, count, len(source)), strict=True):
            writer.writerow(filling.row(cells, probabilities))
    return failures


def _each(parts: Parts, count: int) -> Iterator[Part]:
    return (parts.read(number) for number in range(count))


def _probabilities(parts: Parts, count: int, rows: int) -> Iterator[np.ndarray | None]:
    """The probabilities ``(classes,)`` of each row; None of one whose image could not be read."""
    index = 0
    for part in _each(parts, count):
        for place, answer in zip(part.places.tolist(), part.answers[PROBABILITIES], strict=True):
            yield from (None for _ in range(index, place))
            yield answer
            index = place + 1
    yield from (None for _ in range(index, rows))
