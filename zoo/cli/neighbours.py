"""``zoo neighbours``: which training images are most like others, and what they say."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zoo.cli.common import SOURCES, Columns, GroupFrom, Run, check_tables, read_run
from zoo.cli.console import console, say
from zoo.cli.scored_images import check_no_options, load_labelled, run_images

if TYPE_CHECKING:
    from zoo.data.images import Splits
    from zoo.ensemble.estimator import Ensemble


def neighbours(
    run: Run,
    data: Annotated[
        str | None,
        typer.Option("--data", help=f"{SOURCES}; by default the run's own images, its test or held-out ones asked."),
    ] = None,
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

    Of data with splits its test images are asked, else its validation images, and their neighbours are its training
    images. Of other data all images are asked, and their neighbours are the run's training images.
    """
    ensemble = read_run(run)
    from zoo.evaluation.neighbours import OF_NEAREST, NeighboursTable

    check_tables((csv, NeighboursTable.kind), (nearest, OF_NEAREST))
    table = ensemble.neighbours(_to_ask(run, ensemble, data, columns=columns, group_from=group_from), k=k)
    console.print(table)
    if csv:
        say(f"table: {table.to_csv(csv)}")
    if nearest:
        say(f"nearest images: {table.nearest_to_csv(nearest)}")


def _to_ask(run: Path, ensemble: Ensemble, data: str | None, **reading: str | None) -> Splits:
    """Load training images, and those whose neighbours among them are looked for."""
    from zoo.data.images import Splits

    if data is None:
        check_no_options([name for name, value in reading.items() if value is not None])
        return run_images(run, ensemble)
    images = load_labelled(run, ensemble, data, **reading)
    return images if len(images.items()) > 1 else Splits(run_images(run, ensemble).train, test=images.train)
