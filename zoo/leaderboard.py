"""The leaderboard: one row a member and a rule, for people and for programs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from zoo.files import replacing

COLUMNS = (
    "name",
    "kind",
    "accuracy",
    "balanced_accuracy",
    "precision",
    "recall",
    "f1",
    "log_loss",
    "ece",
    "weight",
    "parameters",
    "seconds",
    "status",
)


class Leaderboard(list[dict[str, Any]]):
    """Rows as dicts, best balanced accuracy first; ``str()`` is a table, ``pandas.DataFrame(rows)`` a frame.

    Attributes:
        rows: which images the scores are from, and how they were kept from flattering.
    """

    def __init__(self, entries: Iterable[dict[str, Any]], rows: str) -> None:
        complete = [{column: entry.get(column) for column in COLUMNS} for entry in entries]
        super().__init__(sorted(complete, key=_rank))
        self.rows = rows

    def __str__(self) -> str:
        from rich.console import Console

        text = io.StringIO()
        console = Console(file=text, width=200)
        console.print(self.table())
        return text.getvalue().rstrip()

    def table(self) -> Any:
        """Make a ``rich`` table."""
        from rich.table import Table

        table = Table(title=f"Scores on {self.rows}", title_justify="left")
        for column in COLUMNS:
            table.add_column(column.replace("_", " "), justify="left" if column in ("name", "kind", "status") else "right")
        for entry in self:
            table.add_row(*(_text(column, entry[column]) for column in COLUMNS))
        return table

    def to_csv(self, path: str | Path) -> Path:
        """Write the rows as CSV, figures unrounded."""
        with replacing(Path(path)) as beside, beside.open("w", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS)
            writer.writeheader()
            writer.writerows(self)
        return Path(path)


def _rank(entry: dict[str, Any]) -> tuple[bool, float]:
    score = entry["balanced_accuracy"]
    return (score is None, -(score or 0.0))


def _text(column: str, value: Any) -> str:
    if value is None:
        return ""
    if column == "parameters":
        return f"{value:,}"
    if column == "seconds":
        return f"{value:.0f}"
    return f"{value:.4f}" if isinstance(value, float) else str(value)
