"""``zoo neighbours``: which training images are most like others, and what they say."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from zoo.cli.common import Columns, Data, GroupFrom, Run, read_run
from zoo.cli.console import console
from zoo.cli.scored_images import load_labelled


def neighbours(
    run: Run,
    data: Data,
    k: Annotated[
        int | None, typer.Option(help="How many neighbours vote; by default chosen on the training images.")
    ] = None,
    csv: Annotated[Path | None, typer.Option(help="Write the table here as CSV too.")] = None,
    nearest: Annotated[
        Path | None, typer.Option(help="Write the nearest training images of each image here, as CSV.")
    ] = None,
    columns: Columns = None,
    group_from: GroupFrom = None,
) -> None:
    """Compare a run's members with the nearest training images in their features.

    The data needs training images, and others to ask: their test split, else validation.
    """
    ensemble = read_run(run)
    images = load_labelled(run, ensemble, data, columns=columns, group_from=group_from)
    table = ensemble.neighbours(images, k=k)
    console.print(table)
    if csv:
        console.print(f"table: {table.to_csv(csv)}")
    if nearest:
        console.print(f"nearest images: {table.nearest_to_csv(nearest)}")
