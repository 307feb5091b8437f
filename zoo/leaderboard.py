"""The leaderboard: one row a member and a rule, for people and for programs."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoo.files import replacing

if TYPE_CHECKING:
    from zoo.shift.table import ShiftTable

COLUMNS = (
    "name",
    "kind",
    "accuracy",
    "balanced_accuracy",
    "shifted",
    "worst",
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

SHIFTED = ("shifted", "worst")
SHOWN = ("name", "kind", "accuracy", "balanced_accuracy", "f1", "log_loss", "ece", "weight", "parameters", "seconds")
SHOWN_UNDER_SHIFT = (*SHOWN[:4], *SHIFTED, *SHOWN[4:-1])  # no room for the seconds
TEXTS = ("name", "kind")
SHORT = {"balanced_accuracy": "balanced"}
TEXT_WIDTH = 120
FITTED = "fitted"


class Leaderboard(list[dict[str, Any]]):
    """Rows as dicts, best balanced accuracy first; ``str()`` is a table, ``pandas.DataFrame(rows)`` a frame.

    ``shifted`` and ``worst`` are there where the rows were scored under shift, and shown only then. They do not change
    the order, which is always that of the images as they are.

    Attributes:
        where: which images the scores are from, and who saw them.
    """

    def __init__(self, entries: Iterable[dict[str, Any]], where: str) -> None:
        complete = [{column: entry.get(column) for column in COLUMNS} for entry in entries]
        super().__init__(sorted(complete, key=_rank))
        self.where = where

    def __str__(self) -> str:
        return as_text(self)

    def __rich_console__(self, console: Any, options: Any) -> Iterator[Any]:
        """Draw the table, and below it what failed and why."""
        shown = SHOWN_UNDER_SHIFT if any(entry["shifted"] is not None for entry in self) else SHOWN
        titles = [SHORT.get(column, column.replace("_", " ")) for column in shown]
        rows = [[_text(column, entry[column]) for column in shown] for entry in self if entry["status"] == FITTED]
        yield draw(f"Scores on {self.where}", titles, rows, left=TEXTS)
        yield from failures(self)

    def to_csv(self, path: str | Path) -> Path:
        """Write the rows as CSV, figures unrounded."""
        return write_csv(self, COLUMNS, Path(path))

    def with_shift(self, table: ShiftTable) -> Leaderboard:
        """Put scores under shift beside these, and say of which images they are where these are others."""
        found = {row["name"]: {column: row[column] for column in SHIFTED} for row in table}
        entries = [{**entry, **found.get(entry["name"], {})} for entry in self]
        return Leaderboard(
            entries, self.where if table.where == self.where else f"{self.where}; shifted: {table.where}"
        )


def draw(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]], *, left: Collection[str]) -> Any:
    """Draw texts as a table of rich; the columns of ``left`` go to the left, figures to the right."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(
        title=title, title_justify="left", title_style="", box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0)
    )
    for column in columns:
        table.add_column(column, justify="left" if column in left else "right", no_wrap=True)
    for row in rows:
        table.add_row(*row)
    return table


def failures(entries: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Say of each row without scores why it has none."""
    yield from (f"{entry['name']}: {entry['status']}" for entry in entries if entry["status"] != FITTED)


def as_text(drawn: Any) -> str:
    """Print what rich can draw, as plain text."""
    from rich.console import Console

    text = io.StringIO()
    Console(file=text, width=TEXT_WIDTH).print(drawn)
    return text.getvalue().rstrip()


def write_csv(rows: Iterable[Mapping[str, Any]], columns: Sequence[str], path: Path) -> Path:
    """Write rows as CSV, figures unrounded."""
    with replacing(path) as beside, beside.open("w", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)
    return path


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
