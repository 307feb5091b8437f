"""Rows of a table as files: with labels to learn from, or without to predict."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from zoo.data.cells import as_label_texts, as_text, as_texts, class_names, without_missing
from zoo.data.class_codes import ClassCodes, are_numbers, one_to_one
from zoo.data.class_names import WHOLE, FittedClasses
from zoo.data.images import Splits
from zoo.data.labels import as_numbered_names
from zoo.data.source import Request
from zoo.data.tables.columns import Columns, find_columns
from zoo.data.tables.labelled_files import LabelledFiles, as_splits, load_files
from zoo.data.tables.locating import Locator
from zoo.data.tables.one_hot import one_hot_labels
from zoo.data.tables.split_flags import splits_by
from zoo.data.tables.table import Table
from zoo.data.unlabelled import TableFiles

logger = logging.getLogger(__name__)

SHOWN = 3  # classes in a message


def load_table(table: Table, request: Request) -> Splits:
    """Load the files that a table names, with its labels.

    Raises:
        UnreadableImagesError: files that cannot be read.
        ValueError: columns, labels, splits or files that are missing or ambiguous; the message names rows and remedy.
    """
    columns = find_columns(table, request.columns)
    names = _filled(table, columns.image, as_texts(table.columns[columns.image]))
    given = _labels(table, columns, request.classes)
    labels = as_class_names(given, request.classes, table.where, ", ".join(columns.label))
    own = columns.label if len(columns.label) > 1 else class_names(given)
    classes = tuple(request.classes or own)
    locator = Locator(_root(table, request))
    paths = locator.find_all(names)
    files = LabelledFiles(
        where=table.where,
        paths=paths,
        names=names,
        labels=labels,
        splits=split_words(table, columns),
        groups=columns.group and without_missing(as_texts(table.columns[columns.group])),
        codes=_codes(table, columns, labels, classes, say=request.chooses),
        nearby=locator.nearby(names, paths),
    )
    locator.say_unnamed(filter(None, files.paths), table.where, everywhere=request.images_dir is not None)
    return load_files(files, classes if request.classes is None else request.classes, request)


def list_table(table: Table, request: Request) -> TableFiles:
    """List the files that a table names, row by row; one that is not there is listed as a file that cannot be read.

    Raises:
        ValueError: no column of files, a row without one, or none of the files is there.
    """
    column = find_columns(table, request.columns, labelled=False).image
    names = _filled(table, column, as_texts(table.columns[column]))
    locator = Locator(_root(table, request))
    found = locator.find_all(names)
    if not any(found):
        raise ValueError(
            f"Expected the files of {table.where} in {locator.root}; none of {len(names)} is there, such as "
            f"{names[0]!r}.{locator.nearby(names, found)} Name their folder: images_dir='DIR' (zoo: --images DIR)."
        )
    locator.say_unnamed(filter(None, found), table.where, everywhere=request.images_dir is not None)
    paths = [str(path or locator.root / name) for path, name in zip(found, names, strict=True)]
    others = {name: as_texts(cells) for name, cells in table.columns.items() if name != column}
    return TableFiles(paths, column, {column: names} | others)


def split_words(table: Table, columns: Columns) -> list[str] | None:
    """The split of each row; None where no column tells it.

    Raises:
        ValueError: words that are no splits, or flags that tell no split.
    """
    if columns.flags:
        return splits_by(table, columns.flags)
    return as_splits(as_texts(table.columns[columns.split]), table.where) if columns.split else None


def as_class_names(labels: Sequence[str], classes: Sequence[str] | None, where: str, column: str = "") -> list[str]:
    """Hold labels against the classes that were given.

    Where no label is one of the names, they are what the table of the fit had for the classes in another column, of the
    same name or else the only one that has them; without such a column, names that are the same numbers, such as ``01``
    for 1; else ids are taken as such.

    Raises:
        ValueError: two columns of that table may be meant, or numbers that may be names or ids.
    """
    if classes is None or set(labels) & set(classes):
        return list(labels)
    codes = classes.codes if isinstance(classes, FittedClasses) else {}
    if (chosen := code_column(codes, column, set(labels), where)) is not None:
        logger.info("%s: the labels are those that the fit's table had in %r", where, chosen)
        names = dict(zip(codes[chosen], classes, strict=True))
        return [names[label] for label in labels]
    if all(map(WHOLE.fullmatch, labels)):
        numbers = np.array([int(label.partition(".")[0]) for label in labels])
        if (ids := as_numbered_names(numbers, classes)) is not None:
            return [classes[number] for number in ids]
    if not all(label.isdecimal() and int(label) < len(classes) for label in labels):
        return list(labels)
    named = ", ".join(f"{number} {name}" for number, name in enumerate(classes))
    logger.warning("%s: the labels are taken as ids of the classes, by their order: %s", where, named)
    return [classes[int(label)] for label in labels]


def code_column(codes: Mapping[str, tuple[str, ...]], column: str, shown: set[str], where: str) -> str | None:
    """The column of a fit's table that has all the cells that are shown: that of the same name, or the only one.

    Raises:
        ValueError: several have them, for other classes.
    """
    having = [name for name, own in codes.items() if shown and shown <= set(own)]
    if column in having or len({codes[name] for name in having}) == 1:
        return column if column in having else having[0]
    if having:
        raise ValueError(
            f"Expected cells of {where}, {column!r}, that mean one class; {', '.join(map(repr, having))} of the fit's "
            "table have them for different ones. Call the column as the one that is meant."
        )
    return None


def _codes(table: Table, columns: Columns, labels: Sequence[str], classes: tuple[str, ...], *, say: bool) -> ClassCodes:
    """What the table calls the classes beside their names."""
    others = {
        name: _plain_numbers(as_texts(cells)) for name, cells in table.columns.items() if name not in columns.used
    }
    found = {name: own for name, cells in others.items() if (own := one_to_one(cells, labels, classes))}
    for name, own in found.items() if say else ():
        meant = ", ".join(f"{code} {label}" for code, label in list(zip(own, classes, strict=True))[:SHOWN])
        logger.info("%s: %r has one word for each class, which the run keeps: %s, ...", table.where, name, meant)
    return ClassCodes(len(columns.label) == 1 and are_numbers(classes), found)


def _plain_numbers(cells: list[str]) -> list[str]:
    """Whole numbers without ``.0``, where all cells are."""
    return [cell.partition(".")[0] for cell in cells] if all(map(WHOLE.fullmatch, cells)) else cells


def _labels(table: Table, columns: Columns, classes: Sequence[str] | None) -> list[str]:
    if len(columns.label) > 1:
        return one_hot_labels(table, columns.label)
    name = columns.label[0]
    return _filled(table, name, as_label_texts(table.columns[name], classes), a_class=True)


def _filled(table: Table, column: str, texts: list[str], *, a_class: bool = False) -> list[str]:
    """Check that no cell of a column is empty; one of classes may have words for that."""
    empty = [row for row, text in enumerate(texts) if not text]
    if empty:
        words = sorted({as_text(table.columns[column][row]) for row in empty} - {""}) if a_class else []
        raise ValueError(
            f"Expected {column!r} in every row of {table.where}; {len(empty)} of {len(texts)} have none: "
            f"{table.named(empty)}. Fill them in, or leave these rows out of the table{_if_a_class(words)}."
        )
    return texts


def _if_a_class(words: Sequence[str]) -> str:
    """The remedy where words for nothing are names of classes."""
    return f"; if {' or '.join(words)} is a class, name all classes: classes=[...] (zoo: --classes)" if words else ""


def _root(table: Table, request: Request) -> Path:
    """The folder that the names start from.

    Raises:
        FileNotFoundError: there is none.
    """
    root = table.folder if request.images_dir is None else Path(request.images_dir).expanduser()
    if not root.is_dir():
        raise FileNotFoundError(f"Expected a folder for images_dir (zoo: --images); there is none at {root}.")
    return root
