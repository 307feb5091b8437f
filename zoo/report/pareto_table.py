"""Combinations of members by score, milliseconds and megabytes, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from zoo.report.table_kind import TableKind
from zoo.report.tables import ScoreTable, draw

COLUMNS = (
    "members",
    "rule",
    "balanced_accuracy",
    "balanced_low",
    "balanced_high",
    "log_loss",
    "milliseconds",
    "megabytes",
    "measured",
    "best",
    "chosen",
)
TITLES = ("members", "rule", "balanced", "95 %", "log\nloss", "ms", "MB")


class ParetoTable(ScoreTable):
    """Rows as dicts, best balanced accuracy first; ``str()`` is a table, ``pandas.DataFrame(rows)`` a frame.

    A row has its ``members`` by name and their ``rule``, ``balanced_accuracy`` with its 95 % interval, ``log_loss``,
    the ``milliseconds`` for one image and the ``megabytes`` of the export. Both are sums of the members' own, but
    where ``measured`` is True. ``best`` rows are those of the Pareto front: no other one has as high a score in as
    little time and as few bytes. ``chosen`` is True for the row that is exported.

    Attributes:
        where: which images the scores are from.
        notes: what to know of the figures; below the table in the text.
    """

    columns = COLUMNS
    kind = TableKind(COLUMNS)
    best_by = "balanced_accuracy"

    def __init__(self, entries: Iterable[Mapping[str, Any]], where: str, notes: Sequence[str] = ()) -> None:
        super().__init__(entries, where)
        self.notes = tuple(notes)

    def __rich_console__(self, console: Any, options: Any) -> Iterator[Any]:
        """Draw the table, and its notes."""
        title = f"Scores on {self.where}"
        yield draw(title, TITLES, map(_cells, self), left=("members", "rule"), wraps=("members",))
        if any(row["chosen"] for row in self):
            yield "* is exported"
        if not all(row["best"] for row in self):
            yield "(in brackets: another one is as good in as little time and as few bytes)"
        yield from (f"note: {note}" for note in self.notes)


def _cells(row: Mapping[str, Any]) -> list[str]:
    names = " + ".join(row["members"])
    about = "" if row["measured"] else "~"
    return [
        f"{names} *" if row["chosen"] else names if row["best"] else f"({names})",
        row["rule"],
        f"{row['balanced_accuracy']:.4f}",
        f"{row['balanced_low']:.3f}-{row['balanced_high']:.3f}",
        f"{row['log_loss']:.4f}",
        f"{about}{row['milliseconds']:.1f}",
        f"{about}{row['megabytes']:.1f}",
    ]
