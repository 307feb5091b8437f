"""``zoo report``: one page about a run, to hand on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from zoo.cleaning.preparation_options import Preparation
from zoo.cli.command_options import offering
from zoo.cli.common import (
    DataOrOwn,
    Run,
    Shift,
    ShiftLimit,
    check_shift,
    read_run,
)
from zoo.cli.console import say
from zoo.cli.scored_images import SCORED, images_to_corrupt, images_to_score
from zoo.utils.timing import stopwatch


@offering(Preparation, only=SCORED)
def report(
    run: Run,
    data: DataOrOwn = None,
    out: Annotated[Path | None, typer.Option(help="The page; by default report.html in the run's folder.")] = None,
    title: Annotated[str | None, typer.Option(help="Of the page.")] = None,
    shift: Shift = False,
    shift_limit: ShiftLimit = None,
    method: Annotated[str, typer.Option(help="Of the heat maps: layercam, gradcam or occlusion.")] = "layercam",
    **reading: Any,
) -> None:
    """Write one HTML page about a run for people who do not program, and its numbers as JSON beside it."""
    from zoo.explanation.ensemble_maps import check_method
    from zoo.html_report.page import check_page
    from zoo.state.run_record import read_run_record

    check_shift(shift, shift_limit)
    check_method(method)
    page = out or run / "report.html"
    check_page(page)
    cost, ensemble, record = stopwatch(), read_run(run), read_run_record(run)
    images = images_to_score(run, ensemble, data, **reading)
    shown = images_to_corrupt(run, ensemble, images) if data is None else images
    shifted = ensemble.shift(shown, limit=shift_limit) if shift else False
    title = title or f"Report of {run.resolve().name}"
    made = ensemble.report(images, title=title, shift=shifted, method=method, run=record)
    path = made.write(page)
    for sentence in made.sections[0].numbers["sentences"]:
        say(sentence)
    say(f"report: {path} ({path.stat().st_size / 1e6:.1f} MB, {cost()})")
