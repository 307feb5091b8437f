"""What several commands share: arguments and options, and reading and writing a run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

import ensembles
from zoo.cleaning.preparation_options import Preparation
from zoo.cli.command_options import option_of
from zoo.cli.console import console
from zoo.utils.files import read_json
from zoo.utils.logging import quiet_tensorflow

if TYPE_CHECKING:
    from zoo.ensemble.estimator import Ensemble

CONFIG_FILE = "config.json"  # of a run

SOURCES = "A folder of class folders, a table of files and labels (.csv, .tsv, .parquet), an .npz file, or 'demo'"

Run = Annotated[Path, typer.Argument(metavar="RUN", help="A run's folder, as `zoo fit --out` wrote it.")]
Data = Annotated[str, typer.Option("--data", help=f"{SOURCES}.")]
ImagesDir = Annotated[str | None, option_of(Preparation, "images_dir")]
Columns = Annotated[str | None, option_of(Preparation, "columns")]
Method = Annotated[str | None, typer.Option(help=f"{', '.join(ensembles.RULES)}; by default the run's.")]
SkipUnreadable = Annotated[bool, option_of(Preparation, "skip_unreadable")]
AllowUnreadable = Annotated[float | None, option_of(Preparation, "allow_unreadable")]
GroupFrom = Annotated[str | None, option_of(Preparation, "group_from")]
Shift = Annotated[bool, typer.Option("--shift", help="Score corrupted copies too: 11 kinds, 5 severities.")]
ShiftLimit = Annotated[int | None, typer.Option(help="With --shift: corrupt a stratified choice of so many images.")]


def check_shift(shift: bool, limit: int | None) -> None:
    """Check that a limit has something to limit.

    Raises:
        ValueError: it has not.
    """
    if limit is not None and not shift:
        raise ValueError(f"Expected --shift with --shift-limit {limit}; there is none. Add --shift.")


def read_run(run: Path) -> Ensemble:
    """Read a run.

    Raises:
        FileNotFoundError: there is none.
        ValueError: files of another format, changed or cut.
    """
    if not run.is_dir():
        raise FileNotFoundError(f"Expected a run's folder; there is nothing at {run}. `zoo fit --out {run}` makes one.")
    quiet_tensorflow()
    from zoo.ensemble.estimator import Ensemble

    return Ensemble.load(run)


def run_group_from(run: Path) -> str | None:
    """How ``zoo fit`` found groups in the files' paths; None for a run without a configuration, or without groups."""
    path = run / CONFIG_FILE
    found: str | None = read_json(path).get("data", {}).get("group_from") if path.is_file() else None
    return found


def write_export(ensemble: Ensemble, out: Path, method: str | None, **how: Any) -> None:
    """Export, and print the path."""
    console.print(f"exported: {ensemble.export(out, method=method, **how)}")


def write_submission(ensemble: Ensemble, out: Path, method: str | None, answers: str = "labels") -> None:
    """Write a submission, and print the path."""
    console.print(f"submission: {ensemble.submission(out, method=method, answers=answers)}")
