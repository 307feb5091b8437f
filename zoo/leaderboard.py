"""The leaderboard: one row a member and a rule, for people and for programs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
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

SHOWN = ("name", "kind", "accuracy", "balanced_accuracy", "f1", "log_loss", "ece", "weight", "parameters", "seconds")
TEXTS = ("name", "kind")
SHORT = {"balanced_accuracy": "balanced"}
TEXT_WIDTH = 120
FITTED = "fitted"


class Leaderboard(list[dict[str, Any]]):
    """Rows as dicts, best balanced accuracy first; ``str()`` is a table, ``pandas.DataFrame(rows)`` a frame.

    Attributes:
        where: which images the scores are from, and who saw them.
    """

    def __init__(self, entries: Iterable[dict[str, Any]], where: str) -> None:
        complete = [{column: entry.get(column) for column in COLUMNS} for entry in entries]
        super().__init__(sorted(complete, key=_rank))
        self.where = where

    def __str__(self) -> str:
        from rich.console import Console

        text = io.StringIO()
        Console(file=text, width=TEXT_WIDTH).print(self)
        return text.getvalue().rstrip()

    def __rich_console__(self, console: Any, options: Any) -> Iterator[Any]:
        """Draw the table, and below it what failed and why."""
        from rich.box import SIMPLE_HEAD
        from rich.table import Table

        table = Table(
            title=f"Scores on {self.where}", title_justify="left", title_style="", box=SIMPLE_HEAD, pad_edge=False
        )
        for column in SHOWN:
            title = SHORT.get(column, column.replace("_", " "))
            table.add_column(title, justify="left" if column in TEXTS else "right", no_wrap=True)
        for entry in self:
            if entry["status"] == FITTED:
                table.add_row(*(_text(column, entry[column]) for column in SHOWN))
        yield table
        yield from (f"{entry['name']}: {entry['status']}" for entry in self if entry["status"] != FITTED)

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
