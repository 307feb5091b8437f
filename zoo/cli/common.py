"""What several commands share: arguments and options, and reading and writing a run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

import ensembles
from zoo.cleaning.preparation_options import Preparation
from zoo.cli.command_options import option_of
from zoo.cli.console import say
from zoo.state.ensemble_record import ENSEMBLE_FILE
from zoo.state.not_a_run import not_a_run
from zoo.utils.logging import quiet_tensorflow

if TYPE_CHECKING:
    from zoo.ensemble.estimator import Ensemble
    from zoo.report.table_kind import TableKind

SOURCES = "A folder of class folders, a table of files and labels (.csv, .tsv, .parquet), an .npz file, or 'demo'"

Run = Annotated[Path, typer.Argument(metavar="RUN", help="A run's folder, as `zoo fit --out` wrote it.")]
Data = Annotated[str, typer.Option("--data", help=f"{SOURCES}.")]
DataOrOwn = Annotated[
    str | None, typer.Option("--data", help=f"{SOURCES}; by default the run's test images, or its held-out ones.")
]
ImagesDir = Annotated[str | None, option_of(Preparation, "images_dir")]
Columns = Annotated[str | None, option_of(Preparation, "columns")]
Method = Annotated[str | None, typer.Option(help=f"{', '.join(ensembles.RULES)}; by default the run's.")]
GroupFrom = Annotated[str | None, option_of(Preparation, "group_from")]
Shift = Annotated[bool, typer.Option("--shift", help="Score corrupted copies too, of every kind and severity.")]
ShiftLimit = Annotated[int | None, typer.Option(help="With --shift: corrupt a stratified choice of so many images.")]
ShiftCopies = Annotated[
    Path | None,
    typer.Option(help="With --shift: copies of these images that another suite wrote, as KIND.npz files (MedMNIST-C)."),
]


def check_shift(shift: bool, limit: int | None, copies: Path | None = None) -> None:
    """Check that what is said of the corrupted copies has something to apply to.

    Raises:
        ValueError: it has not.
    """
    if limit is not None and not shift:
        raise ValueError(f"Expected --shift with --shift-limit {limit}; there is none. Add --shift.")
    if copies is not None and not shift:
        raise ValueError(f"Expected --shift with --shift-copies {copies}; there is none. Add --shift.")


def check_tables(*wanted: tuple[Path | None, TableKind]) -> None:
    """Check before long work that tables can be written at the paths that were typed.

    Raises:
        FileExistsError: another file than an earlier table is at one.
    """
    for path, kind in wanted:
        if path is not None:
            kind.check(path)


def read_run(run: Path) -> Ensemble:
    """Read a run.

    Raises:
        FileNotFoundError: there is none.
        ValueError: files of another format, changed or cut.
    """
    if not (run / ENSEMBLE_FILE).is_file():
        raise not_a_run(run)  # before TensorFlow is loaded
    quiet_tensorflow()
    from zoo.ensemble.estimator import Ensemble

    return Ensemble.load(run)


def write_export(ensemble: Ensemble, out: Path, method: str | None, **how: Any) -> None:
    """Export, and print the path."""
    say(f"exported: {ensemble.export(out, method=method, **how)}")


def write_submission(ensemble: Ensemble, out: Path, method: str | None, answers: str = "labels") -> None:
    """Write a submission, and print the path."""
    say(f"submission: {ensemble.submission(out, method=method, answers=answers)}")
