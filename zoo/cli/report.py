"""``zoo report``: one page about a run, to hand on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from zoo.cli.common import (
    SOURCES,
    Columns,
    GroupFrom,
    ImagesDir,
    Run,
    Shift,
    ShiftLimit,
    check_shift,
    load_labelled,
    read_run,
    run_images,
)
from zoo.cli.console import console
from zoo.utils.timing import stopwatch


def report(
    run: Run,
    data: Annotated[
        str | None, typer.Option("--data", help=f"{SOURCES}; by default the run's test images, or its held-out ones.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="The page; by default report.html in the run's folder.")] = None,
    title: Annotated[str | None, typer.Option(help="Of the page.")] = None,
    shift: Shift = False,
    shift_limit: ShiftLimit = None,
    method: Annotated[str, typer.Option(help="Of the heat maps: layercam, gradcam or occlusion.")] = "layercam",
    images_dir: ImagesDir = None,
    columns: Columns = None,
    group_from: GroupFrom = None,
) -> None:
    """Write one HTML page about a run for people who do not program, and its numbers as JSON beside it."""
    from zoo.state.run_record import read_run_record

    check_shift(shift, shift_limit)
    cost, ensemble, record = stopwatch(), read_run(run), read_run_record(run)
    if data is None:
        images = run_images(run, ensemble, record)
    else:
        images = load_labelled(run, ensemble, data, images_dir=images_dir, columns=columns, group_from=group_from)
    made = ensemble.report(
        images,
        title=title or f"Report of {run.resolve().name}",
        shift=shift,
        shift_limit=shift_limit,
        method=method,
        run=record,
    )
    path = made.write(out or run / "report.html")
    for sentence in made.sections[0].numbers["sentences"]:
        console.print(sentence, soft_wrap=True)
    console.print(f"report: {path} ({path.stat().st_size / 1e6:.1f} MB, {cost()})", soft_wrap=True)
