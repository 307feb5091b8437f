"""Rows as a table for people, as plain text, and as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from zoo.utils.files import replacing

TEXT_WIDTH = 120  # characters
FITTED = "fitted"  # the status of a row with scores


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
