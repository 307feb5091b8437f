"""What several commands share: arguments and options, and reading and writing a run."""

from __future__ import annotations

import logging
import os
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

import ensembles
from zoo.cleaning.preparation_options import Preparation
from zoo.cli.command_options import option_of
from zoo.cli.console import console
from zoo.state.ensemble_record import ENSEMBLE_FILE
from zoo.state.not_a_run import not_a_run
from zoo.utils.files import read_json
from zoo.utils.logging import quiet_tensorflow

if TYPE_CHECKING:
    from zoo.data.images import Splits
    from zoo.ensemble.estimator import Ensemble
    from zoo.state.run_record import RunRecord

logger = logging.getLogger(__name__)

CONFIG_FILE = "config.json"  # of a run
CHOSEN_FILE = "config.toml"  # what a preset chose, where one did

SOURCES = "A folder of class folders, a table of files and labels (.csv, .tsv, .parquet), an .npz file, or 'demo'"

Run = Annotated[Path, typer.Argument(metavar="RUN", help="A run's folder, as `zoo fit --out` wrote it.")]
Data = Annotated[str, typer.Option("--data", help=f"{SOURCES}.")]
ImagesDir = Annotated[str | None, option_of(Preparation, "images_dir")]
Columns = Annotated[str | None, option_of(Preparation, "columns")]
Method = Annotated[str | None, typer.Option(help=f"{', '.join(ensembles.RULES)}; by default the run's.")]
SkipUnreadable = Annotated[bool, option_of(Preparation, "skip_unreadable")]
AllowUnreadable = Annotated[float | None, option_of(Preparation, "allow_unreadable")]
GroupFrom = Annotated[str | None, option_of(Preparation, "group_from")]
Shift = Annotated[bool, typer.Option("--shift", help="Score corrupted copies too: 12 kinds, 5 severities.")]
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


def load_labelled(
    run: Path, ensemble: Ensemble, data: str, *, columns: str | None, group_from: str | None, **how: Any
) -> Splits:
    """Load other labelled images as those of a run were read: its classes, its size, its columns and groups.

    Args:
        run: the run.
        ensemble: the one that it holds.
        data: the source.
        columns: of a table; by default the run's, as far as it has them.
        group_from: by default as the run found groups in the files' paths.
        how: other options of :func:`zoo.load`.
    """
    import zoo
    from zoo.data.groups import with_groups_if_found

    images = zoo.load(
        data,
        image_size=ensemble.image_size_,
        classes=ensemble.targets_.known,
        decoded=run / "decoded" if os.access(run, os.W_OK) else None,
        columns=columns or run_columns(run, data),
        whole=False,
        **ensemble.state_.reading.as_dict(),
        group_from=group_from,
        **how,
    )
    return images if group_from else with_groups_if_found(images, run_group_from(run))


def run_images(run: Path, ensemble: Ensemble, record: RunRecord | None) -> Splits:
    """Load the images that a run was fitted on again, as its configuration prepares them.

    Raises:
        ValueError: the run does not say where they are, or they are others by now.
    """
    from zoo.cleaning.prepare import prepare
    from zoo.config import config_from

    path = run / CONFIG_FILE
    if record is None or not path.is_file():
        raise ValueError(f"Expected --data, as {run} does not say where its images are. Give a folder or a table.")
    config = config_from(read_json(path))
    decoded = run / "decoded" if os.access(run, os.W_OK) else None
    splits = prepare(record.source, config.data, seed=config.seed, decoded=decoded)
    held_out = splits.train if ensemble.state_.held_out.folds else splits.validation
    if held_out is None or not ensemble.state_.held_out.covers(held_out):
        raise ValueError(
            f"Expected the images that {run} was fitted on in {record.source}; received others. Give "
            "--data, or fit again."
        )
    return splits


def run_choices(run: Path) -> dict[str, Any]:
    """What a run was made with, as plain values: what a preset chose, else what was asked for; {} if it is not known.

    Raises:
        ValueError: a file that was changed to something that is no configuration.
    """
    from zoo.config import read_config

    files = (run / CHOSEN_FILE, run / CONFIG_FILE)
    return next((read_config(file).as_dict() for file in files if file.is_file()), {})


def run_group_from(run: Path) -> str | None:
    """How ``zoo fit`` found groups in the files' paths; None for a run without a configuration, or without groups."""
    found: str | None = _prepared_by(run).get("group_from")
    return found


def run_columns(
    run: Path, data: str | Path, roles: Collection[str] = ("image", "label", "split", "group")
) -> dict[str, tuple[str, ...]] | None:
    """The columns that ``zoo fit`` was told, by role, as far as another table has them; None where it has none.

    Args:
        run: the run.
        data: the other table, or any other source.
        roles: that are meant.
    """
    from zoo.data.source import is_file
    from zoo.data.tables.columns import parse_columns
    from zoo.data.tables.table import SUFFIXES, read_file

    path, told = Path(data).expanduser(), parse_columns(_prepared_by(run).get("columns"))
    if not told or not is_file(path, *SUFFIXES):
        return None
    there = read_file(path).columns.keys()
    found = {role: names for role, names in told.items() if role in roles and there >= set(names)}
    if found:
        listed = ",".join(f"{role}={name}" for role, names in found.items() for name in names or ("none",))
        logger.info("%s: the columns are those of the run: --columns %s", data, listed)
    return found or None


def _prepared_by(run: Path) -> dict[str, Any]:
    """How ``zoo fit`` prepared the images of a run; nothing for a run without a configuration."""
    path = run.expanduser() / CONFIG_FILE
    found: dict[str, Any] = read_json(path).get("data", {}) if path.is_file() else {}
    return found


def write_export(ensemble: Ensemble, out: Path, method: str | None, **how: Any) -> None:
    """Export, and print the path."""
    console.print(f"exported: {ensemble.export(out, method=method, **how)}")


def write_submission(ensemble: Ensemble, out: Path, method: str | None, answers: str = "labels") -> None:
    """Write a submission, and print the path."""
    console.print(f"submission: {ensemble.submission(out, method=method, answers=answers)}")
