"""``zoo demo``: the whole chain with small networks from scratch, which need no download."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from zoo.cli.common import write_export, write_submission
from zoo.cli.console import say
from zoo.cli.fit import run_fit
from zoo.cli.run_config import check_place
from zoo.config import Config
from zoo.training.recipe import Recipe
from zoo.utils.timing import stopwatch

DEMO = Config(
    members=(
        "simple_cnn",
        "simple_cnn_regularized",
        {"backbone": "simple_cnn", "name": "simple_cnn_high_pass", "high_pass": True},
    ),
    recipe=Recipe(head_epochs=12, epochs=0, patience=4, augment="flips"),
)


def demo(
    out: Annotated[Path, typer.Option(help="The run's folder.")] = Path("runs/demo"),
) -> None:
    """Run the whole chain on drawn blood smears: fit, leaderboard, report, SavedModel, submission."""
    from zoo.state.run_record import read_run_record

    check_place(out)
    cost = stopwatch()
    ensemble = run_fit(DEMO, "demo", out)
    report = ensemble.report(title="Report of the demo", run=read_run_record(out))
    say(f"report: {report.write(out / 'report.html')}")
    write_export(ensemble, out / "saved_model", None, uncertainty=True)
    write_submission(ensemble, out / "submission.zip", None)
    say(f"run: {out} ({cost()})")
