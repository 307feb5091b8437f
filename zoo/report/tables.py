"""Rows as a table for people, as plain text, and as CSV."""

from __future__ import annotations

import csv
import io
import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any, ClassVar

from zoo.report.table_kind import TableKind
from zoo.utils.files import replacing
from zoo.utils.named_paths import destination

logger = logging.getLogger(__name__)

TEXT_WIDTH = 120  # characters
NO_LIMIT = 10_000  # characters, wider than any table
FITTED = "fitted"  # the status of a row with scores


class Shown:
    """To be mixed into what rich can draw: it prints as text, and a notebook shows it as HTML."""

    def __str__(self) -> str:
        return as_text(self)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """Show the table where IPython shows a value."""
        printer.text(str(self))

    def _repr_html_(self) -> str:
        """Show the table where a notebook shows a value, with all its columns."""
        return as_html(self)


class Rows(Shown, list[dict[str, Any]]):
    """Rows as dicts, which are written as CSV too.

    Attributes:
        columns: of the CSV.
        kind: by which an earlier CSV is told from other files.
    """

    columns: tuple[str, ...]
    kind: ClassVar[TableKind]

    def to_csv(self, path: str | Path) -> Path:
        """Write the rows as CSV, figures unrounded; returns where, which a symbolic link leads to.

        Raises:
            FileExistsError: another file than an earlier such table is there.
        """
        self.kind.check(path)
        return write_csv(self, self.columns, path)


class ScoreTable(Rows):
    """Rows as dicts, best first; ``str()`` is a table for people, ``pandas.DataFrame(rows)`` a frame.

    Attributes:
        where: which images the scores are from, and who saw them.
    """

    best_by: ClassVar[str]  # the column that orders the rows; those without a score come last

    def __init__(self, entries: Iterable[Mapping[str, Any]], where: str) -> None:
        complete = [{column: entry.get(column) for column in self.columns} for entry in entries]
        super().__init__(sorted(complete, key=self._rank))
        self.where = where

    def _rank(self, entry: Mapping[str, Any]) -> tuple[bool, float]:
        score = entry[self.best_by]
        return (score is None, -(score or 0.0))


def draw(
    title: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    left: Collection[str],
    wraps: Collection[str] = (),
) -> Any:
    """Draw texts as a table of rich; the columns of ``left`` go to the left, figures to the right.

    Those of ``left`` and ``wraps`` go on in the next line where there is no room; figures are never broken.
    """
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(
        title=title, title_justify="left", title_style="", box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0)
    )
    rows = list(rows)
    for place, column in enumerate(columns):
        breaks = column in (*left, *wraps)
        table.add_column(
            column,
            justify="left" if column in left else "right",
            no_wrap=not breaks,
            overflow="fold",
            min_width=None if breaks else max((len(row[place]) for row in rows), default=None),
        )
    for row in rows:
        table.add_row(*row)
    return table


@dataclass(frozen=True)
class Lines:
    """A table and a line below it, which rich can draw.

    Attributes:
        title: of the table.
        columns: its heads.
        rows: its cells.
        below: the line.
    """

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    below: str

    def __rich_console__(self, console: Any, options: Any) -> Iterator[Any]:
        """Draw the table, and the line."""
        yield draw(self.title, self.columns, self.rows, left=self.columns[:1])
        yield self.below


def as_wide_as_fits(
    console: Any, options: Any, columns: Sequence[str], make: Callable[[Sequence[str]], Any]
) -> Iterator[Any]:
    """Draw a table with as many of its columns as there is room for, and say how many are left out.

    Args:
        console: of rich.
        options: likewise.
        columns: those of most interest first.
        make: draws the table of some of them.
    """
    shown, unbounded = list(columns), options.update_width(NO_LIMIT)
    while console.measure(make(shown), options=unbounded).maximum > options.max_width and len(shown) > 1:
        shown.pop()
    yield make(shown)
    if len(shown) < len(columns):
        yield f"columns without room here: {len(columns) - len(shown)} (--wide shows them, a CSV has them)"


def failures(entries: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Say of each row without scores why it has none."""
    yield from (f"{entry['name']}: {entry['status']}" for entry in entries if entry["status"] != FITTED)


def show(drawn: Any, console: Any) -> None:
    """Print what rich can draw, and log it for a file that keeps the lines of a run."""
    console.print(drawn)
    logger.info("%s", as_text(drawn))


def as_text(drawn: Any) -> str:
    """Print what rich can draw, as plain text."""
    from rich.console import Console

    text = io.StringIO()
    # In a notebook rich would display it there instead of writing to the file, and in colours.
    console = Console(file=text, width=TEXT_WIDTH, markup=False, emoji=False, color_system=None, force_jupyter=False)
    console.print(drawn)
    return text.getvalue().rstrip()


def as_html(drawn: Any) -> str:
    """Write what rich can draw as HTML: its tables as tables, its lines as paragraphs."""
    from rich.console import Console
    from rich.table import Table

    console = Console(file=io.StringIO(), width=NO_LIMIT, force_jupyter=False)
    parts = drawn.__rich_console__(console, console.options)
    return "\n".join(_html_table(part) if isinstance(part, Table) else f"<p>{escape(str(part))}</p>" for part in parts)


def _html_table(table: Any) -> str:
    heads = "".join(f"<th>{escape(str(column.header))}</th>" for column in table.columns)
    sides = ["left" if column.justify == "left" else "right" for column in table.columns]
    rows = [
        "".join(
            f'<td style="text-align:{side}">{escape(str(cell))}</td>' for side, cell in zip(sides, row, strict=True)
        )
        for row in zip(*(column.cells for column in table.columns), strict=True)
    ]
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    title = escape(str(table.title or ""))
    return f"<table><caption>{title}</caption><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"


def write_csv(rows: Iterable[Mapping[str, Any]], columns: Sequence[str], path: str | Path) -> Path:
    """Write rows as CSV in the place of whatever file is there; returns where, which a symbolic link leads to."""
    path = destination(path)
    with replacing(path) as beside, beside.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)
    return path
