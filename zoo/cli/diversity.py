"""``zoo diversity``: how the members of a run differ."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from zoo.cli.common import Run, check_tables, read_run
from zoo.cli.console import console, say


def diversity(
    run: Run,
    csv: Annotated[Path | None, typer.Option(help="Write the table here as CSV too.")] = None,
) -> None:
    """Show how a run's members differ, and what leaving each of them out would cost."""
    ensemble = read_run(run)
    from zoo.evaluation.diversity import DiversityTable

    check_tables((csv, DiversityTable.kind))
    table = ensemble.diversity()
    console.print(table)
    if csv:
        say(f"table: {table.to_csv(csv)}")
