"""``zoo export`` and ``zoo submit``: what others run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from zoo.commands.common import Method, Run, read_run, write_export, write_submission


def export(
    run: Run,
    out: Annotated[Path, typer.Option(help="The SavedModel's folder.")],
    method: Method = None,
    uncertainty: Annotated[
        bool, typer.Option("--uncertainty", help="Answer with uncertainty too; thresholds are in manifest.json.")
    ] = False,
) -> None:
    """Write a run as one SavedModel and check it in a fresh process."""
    write_export(read_run(run), out, method, uncertainty=uncertainty)


def submit(
    run: Run,
    out: Annotated[Path, typer.Option(help="The zip file.")] = Path("submission.zip"),
    method: Method = None,
) -> None:
    """Write a run as a zip of model.py and SavedModel, and try it in a clean interpreter."""
    write_submission(read_run(run), out, method)
