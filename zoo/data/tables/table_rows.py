"""Rows of a table as files: with labels to learn from, or without to predict."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

from zoo.data.images import Splits
from zoo.data.source import Request
from zoo.data.tables.cells import as_label_texts, as_texts, class_names
from zoo.data.tables.columns import Columns, find_columns
from zoo.data.tables.labelled_files import LabelledFiles, as_splits, load_files
from zoo.data.tables.locating import Locator
from zoo.data.tables.table import Table
from zoo.data.unlabelled import TableFiles

logger = logging.getLogger(__name__)


def load_table(table: Table, request: Request) -> Splits:
    """Load the files that a table names, with its labels.

    Raises:
        UnreadableImagesError: files that cannot be read.
        ValueError: columns, labels, splits or files that are missing or ambiguous; the message names rows and remedy.
    """
    columns = find_columns(table, request.columns)
    names = _filled(table, columns.image, as_texts(table.columns[columns.image]))
    labels = _labels(table, columns, request.classes)
    locator = Locator(_root(table, request))
    files = LabelledFiles(
        where=table.where,
        paths=locator.find_all(names),
        names=names,
        labels=as_class_names(labels, request.classes, table.where),
        splits=columns.split and as_splits(as_texts(table.columns[columns.split]), table.where),
        groups=columns.group and as_texts(table.columns[columns.group]),
    )
    locator.say_unnamed(filter(None, files.paths), table.where, everywhere=request.images_dir is not None)
    own = columns.label if len(columns.label) > 1 else class_names(labels)
    return load_files(files, request.classes or own, request)


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
            f"{names[0]!r}. Name their folder: images_dir='DIR' (zoo: --images DIR)."
        )
    locator.say_unnamed(filter(None, found), table.where, everywhere=request.images_dir is not None)
    paths = [str(path or locator.root / name) for path, name in zip(found, names, strict=True)]
    others = {name: as_texts(cells) for name, cells in table.columns.items() if name != column}
    return TableFiles(paths, column, {column: names} | others)


def as_class_names(labels: Sequence[str], classes: Sequence[str] | None, where: str) -> list[str]:
    """Hold labels against the classes that were given; ids are taken as such where no label is one of the names."""
    if classes is None or set(labels) & set(classes):
        return list(labels)
    if not all(label.isdecimal() and int(label) < len(classes) for label in labels):
        return list(labels)
    named = ", ".join(f"{number} {name}" for number, name in enumerate(classes))
    logger.warning("%s: the labels are taken as ids of the classes, by their order: %s", where, named)
    return [classes[int(label)] for label in labels]


def _labels(table: Table, columns: Columns, classes: Sequence[str] | None) -> list[str]:
    if len(columns.label) > 1:
        return _from_one_hot(table, columns.label)
    name = columns.label[0]
    return _filled(table, name, as_label_texts(table.columns[name], classes))


def _from_one_hot(table: Table, names: Sequence[str]) -> list[str]:
    """The one column that is 1 in each row."""
    rows = list(zip(*(as_texts(table.columns[name]) for name in names), strict=True))
    ones = [[name for name, cell in zip(names, row, strict=True) if cell in ("1", "1.0")] for row in rows]
    zeros = [sum(cell in ("0", "0.0", "") for cell in row) for row in rows]
    wrong = [row for row in range(len(rows)) if len(ones[row]) != 1 or zeros[row] != len(names) - 1]
    if wrong:
        raise ValueError(
            f"Expected a single 1, and 0 otherwise, in {', '.join(names)} of {table.where}; {len(wrong)} rows have "
            f"other cells: {table.named(wrong)}. An image has one class here: choose one in each row."
        )
    return [name for (name,) in ones]


def _filled(table: Table, column: str, texts: list[str]) -> list[str]:
    """Check that no cell of a column is empty."""
    empty = [row for row, text in enumerate(texts) if not text]
    if empty:
        raise ValueError(
            f"Expected {column!r} in every row of {table.where}; {len(empty)} of {len(texts)} have none: "
            f"{table.named(empty)}. Fill them in, or leave these rows out of the table."
        )
    return texts


def _root(table: Table, request: Request) -> Path:
    """The folder that the names start from.

    Raises:
        FileNotFoundError: there is none.
    """
    root = table.folder if request.images_dir is None else Path(request.images_dir).expanduser()
    if not root.is_dir():
        raise FileNotFoundError(f"Expected a folder for images_dir (zoo: --images); there is none at {root}.")
    return root
