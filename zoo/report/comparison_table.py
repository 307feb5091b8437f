"""The comparison of two ensembles: one row a score, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from zoo.report.table_kind import TableKind
from zoo.report.tables import Rows, draw

COLUMNS = ("score", "first", "second", "difference", "low", "high", "differing")
TITLES = ("score", "first", "second", "second - first", "95 %")
LOWER_IS_BETTER = ("log_loss",)
IDENTICAL = "the answers are identical"
FEWEST = 6  # that differ: all of five may be on one side by chance in one of 16 cases


class ComparisonTable(Rows):
    """Rows as dicts; ``str()`` is a table, ``pandas.DataFrame(rows)`` a frame.

    A row has the ``score``, that of the ``first`` and of the ``second``, and their ``difference`` with its 95 %
    interval from ``low`` to ``high``, from the same images: one that does not hold 0 is a difference, if ``differing``,
    the images or groups that speak for either, are six or more.

    Attributes:
        where: which images the scores are of.
        identical: both predict the same probabilities for every image.
    """

    columns = COLUMNS
    kind = TableKind(COLUMNS)

    def __init__(self, rows: Sequence[dict[str, Any]], where: str, *, identical: bool = False) -> None:
        super().__init__(rows)
        self.where, self.identical = where, identical

    def __rich_console__(self, console: Any, options: Any) -> Iterator[Any]:
        """Draw the table, and say of each score which one is better."""
        yield draw(f"Scores on {self.where}", TITLES, map(_cells, self), left=("score",))
        yield from [IDENTICAL] if self.identical else map(verdict, self)


def verdict(row: dict[str, Any]) -> str:
    """Say of a score which one is better, where that is sure."""
    name = row["score"].replace("_", " ")
    if 0 < row["differing"] < FEWEST:
        return f"{name}: too few images, or groups of them, differ to tell which one is better ({row['differing']})"
    if row["low"] <= 0 <= row["high"]:
        return f"{name}: no difference that these images could show"
    better = (row["difference"] > 0) != (row["score"] in LOWER_IS_BETTER)
    return f"{name}: the {'second' if better else 'first'} is better"


def _cells(row: dict[str, Any]) -> list[str]:
    return [
        row["score"].replace("_", " "),
        f"{row['first']:.4f}",
        f"{row['second']:.4f}",
        f"{row['difference']:+.4f}",
        f"{row['low']:+.4f} to {row['high']:+.4f}",
    ]
