"""``zoo submit``: what a contest's server runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from zoo.cli.common import Method, Run, read_run, write_submission


def submit(
    run: Run,
    out: Annotated[Path, typer.Option(help="The zip file.")] = Path("submission.zip"),
    method: Method = None,
    answers: Annotated[
        str, typer.Option(help="Of predict: labels (as the fit was given them, else class ids), ids or names.")
    ] = "labels",
) -> None:
    """Write a run as a zip of model.py and SavedModel, and try it in a clean interpreter."""
    write_submission(read_run(run), out, method, answers)
