"""Labels as one column for each class, with a single 1 in each row."""

from __future__ import annotations

from collections.abc import Sequence

from zoo.data.cells import as_texts
from zoo.data.tables.table import Table
from zoo.utils.text import count_of

ONES, ZEROS = ("1", "1.0"), ("0", "0.0")
SHOWN = 3  # columns in a message


def one_hot_columns(table: Table, others: Sequence[str]) -> tuple[str, ...]:
    """Some columns of a table, if all of them are 0 and 1 with one 1 in each row: one for each class; else none."""
    hot = _hot(table, others)
    return hot if len(hot) == len(others) > 1 and len(table) and not _without_single(table, hot) else ()


def why_not_one_hot(table: Table, others: Sequence[str]) -> str:
    """Say what keeps columns of 0 and 1 from being classes, and how to name them; nothing where none are."""
    hot = _hot(table, others)
    if len(hot) < 2 or not len(table):
        return ""
    rest = [name for name in others if name not in hot]
    told = [f"{', '.join(map(repr, rest))} besides the columns of 0 and 1"] if rest else []
    wrong = _without_single(table, hot)
    told += [f"{count_of(len(wrong), 'row')} without a single 1 ({table.named(wrong)})"] if wrong else []
    named = ",".join(f"label={name}" for name in hot[:SHOWN]) + (",..." if len(hot) > SHOWN else "")
    return f" It has {' and '.join(told)}: name the classes' columns, --columns {named}, each row with one 1."


def one_hot_labels(table: Table, names: Sequence[str]) -> list[str]:
    """The one column that is 1 in each row.

    Raises:
        ValueError: rows with other cells than a single 1 and else 0, or nothing.
    """
    rows = list(zip(*(as_texts(table.columns[name]) for name in names), strict=True))
    ones = [[name for name, cell in zip(names, row, strict=True) if cell in ONES] for row in rows]
    zeros = [sum(cell in (*ZEROS, "") for cell in row) for row in rows]
    wrong = [row for row in range(len(rows)) if len(ones[row]) != 1 or zeros[row] != len(names) - 1]
    if wrong:
        have = " and ".join(ones[wrong[0]]) or "none"
        raise ValueError(
            f"Expected a single 1, and 0 otherwise, in {', '.join(names)} of {table.where}; {len(wrong)} rows have "
            f"other cells: {table.named(wrong)} ({table.lines[wrong[0]]} has 1 in {have}). An image has one "
            "class here: choose one in each row."
        )
    return [name for (name,) in ones]


def _hot(table: Table, names: Sequence[str]) -> tuple[str, ...]:
    """Those of some columns that have 0 and 1 alone."""
    return tuple(name for name in names if set(as_texts(table.columns[name])) <= {*ONES, *ZEROS})


def _without_single(table: Table, names: Sequence[str]) -> list[int]:
    """The rows that have no single 1 in some columns of 0 and 1."""
    rows = zip(*(as_texts(table.columns[name]) for name in names), strict=True)
    return [number for number, row in enumerate(rows) if sum(cell in ONES for cell in row) != 1]
