"""Predictions as columns, and columns as one file: Parquet or CSV."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import TypeAlias

import numpy as np

from zoo.inference.graphs import PROBABILITIES, UNCERTAINTY
from zoo.report.table_kind import TableKind, names_in
from zoo.utils.own_files import check_own

Columns: TypeAlias = dict[str, np.ndarray]
Write: TypeAlias = Callable[[Path, Iterable[Columns]], None]
KIND = TableKind(("class", "class_id"), "probability_.*|uncertainty")  # behind the column of the images


def columns_of(answers: Mapping[str, np.ndarray], classes: Sequence[str]) -> Columns:
    """Lay predictions out in columns of ``n`` rows.

    Args:
        answers: ``probabilities`` ``(n, classes)`` float32 and perhaps ``uncertainty`` ``(n,)``, by name.
        classes: the classes' names.

    Returns:
        ``class`` (its name), ``class_id`` int64, ``probability_NAME`` float32 for each class, and ``uncertainty``
        float32 where there is one.
    """
    probabilities = answers[PROBABILITIES]
    ids = probabilities.argmax(axis=1)
    columns = {"class": np.array(classes)[ids], "class_id": ids}
    columns |= {f"probability_{name}": probabilities[:, index] for index, name in enumerate(classes)}
    return columns | {name: answers[name] for name in (UNCERTAINTY,) if name in answers}


def check_column(column: str, classes: Sequence[str]) -> None:
    """Check that the column of the images' names is no column of predictions.

    Raises:
        ValueError: it is.
    """
    none = {PROBABILITIES: np.empty((0, len(classes)), np.float32), UNCERTAINTY: np.empty(0, np.float32)}
    if column in columns_of(none, classes):
        raise ValueError(
            f"Expected the images in a column that is not called like a prediction; received {column!r}. Rename it."
        )


def check_replaced(out: Path) -> None:
    """Check that no file is replaced by a table of predictions but an earlier one.

    Raises:
        FileExistsError: another file is there.
    """
    named = ", ".join([*KIND.columns, "probability_..."])
    check_own(out, _has_predictions, f"an earlier table of predictions, with {named}")


def _has_predictions(path: Path) -> bool:
    names = names_in(path)[1:]
    return KIND.has(names) and len(names) > len(KIND.columns)


def writer_for(out: Path) -> Write:
    """Choose by a path's suffix what writes columns, group by group, so that they need not fit into memory.

    Raises:
        FileExistsError: another file is there than an earlier table.
        ImportError: ``.parquet``, and there is no pyarrow.
        ValueError: another suffix than ``.parquet`` and ``.csv``.
    """
    suffix = out.suffix.lower()
    if suffix not in (".csv", ".parquet"):
        raise ValueError(f"Expected a path that ends in .parquet or .csv; received {out}. Choose another.")
    if suffix == ".parquet":
        _check_pyarrow(out)
    check_replaced(out)
    return _write_csv if suffix == ".csv" else _write_parquet


def _check_pyarrow(out: Path) -> None:
    try:
        import pyarrow.parquet  # noqa: F401 - before any work
    except ImportError as error:
        raise ImportError(
            f"Expected pyarrow to write {out}; it is not installed. Install it: pip install 'ensemble-zoo[parquet]', "
            "or write a .csv."
        ) from error


def _write_parquet(path: Path, groups: Iterable[Columns]) -> None:
    """Each group is a row group."""
    import pyarrow
    from pyarrow import parquet

    tables = map(pyarrow.table, groups)
    first = next(tables)
    with parquet.ParquetWriter(path, first.schema) as writer:
        for table in chain([first], tables):
            writer.write_table(table)


def _write_csv(path: Path, groups: Iterable[Columns]) -> None:
    """Numbers as short as they can be without being others in float32."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        for number, columns in enumerate(groups):
            if number == 0:
                writer.writerow(columns)
            writer.writerows(zip(*(column.astype(str).tolist() for column in columns.values()), strict=True))
