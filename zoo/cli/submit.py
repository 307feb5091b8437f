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
) -> None:
    """Write a run as a zip of model.py and SavedModel, and try it in a clean interpreter."""
    write_submission(read_run(run), out, method)
