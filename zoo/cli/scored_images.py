"""The images that a command scores: those that are given, read as a run read its own, or the run's own."""

from __future__ import annotations

import logging
import os
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoo.cli.run_config import asked_config, prepared_by

if TYPE_CHECKING:
    from zoo.data.images import Images, Splits
    from zoo.ensemble.estimator import Ensemble

logger = logging.getLogger(__name__)

SCORED = ("skip_unreadable", "allow_unreadable", "images_dir", "columns", "group_from", "drop_duplicates")
FLAGS = {"images_dir": "--images"}  # of options whose names differ


def images_to_score(run: Path, ensemble: Ensemble, data: str | None, **reading: Any) -> Splits:
    """Load the images to score: what is given, or the run's own.

    Args:
        run: the run.
        ensemble: the one that it holds.
        data: the source; None for the run's own images.
        reading: the options :data:`SCORED`; None where they were not typed.

    Raises:
        ValueError: options for images, and none given; or a run whose own are not there any more.
    """
    typed = {name: value for name, value in reading.items() if value is not None and value is not False and value != []}
    if data is None:
        check_no_options(list(typed))
        return _own_to_score(run, ensemble)
    drops = typed.pop("drop_duplicates", False)
    images = load_labelled(run, ensemble, data, **typed)
    if not drops:
        return images
    from zoo.data.duplicates import without_duplicates

    return without_duplicates(images, whole=False)


def check_no_options(options: Sequence[str]) -> None:
    """Check that no options for images were typed where none are given.

    Raises:
        ValueError: some were.
    """
    if options:
        flags = ", ".join(FLAGS.get(name, f"--{name.replace('_', '-')}") for name in options)
        raise ValueError(
            f"Expected --data with {flags}; there is none, and a run's images are read as its fit read them."
        )


def _own_to_score(run: Path, ensemble: Ensemble) -> Splits:
    from zoo.data.images import Splits

    splits = run_images(run, ensemble)
    return Splits(held_out_of(splits, ensemble)) if splits.test is None else splits


def images_to_corrupt(run: Path, ensemble: Ensemble, images: Splits) -> Splits:
    """The images to corrupt: those to score, or the validation images where these are the training images of folds."""
    from zoo.data.images import Splits

    if not ensemble.state_.held_out.folds or not ensemble.held_out_.covers(images.to_score()[1]):
        return images
    return Splits(run_images(run, ensemble).to_validate())


def held_out_of(splits: Splits, ensemble: Ensemble) -> Images:
    """Those of a run's images that its rules were fitted on."""
    return next(images for _, images in splits.items() if ensemble.held_out_.covers(images))


def load_labelled(
    run: Path, ensemble: Ensemble, data: str, *, columns: str | None = None, group_from: str | None = None, **how: Any
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


def run_images(run: Path, ensemble: Ensemble) -> Splits:
    """Load the images that a run was fitted on again, as its configuration prepares them.

    Raises:
        ValueError: the run does not say where they are, or they are others by now.
    """
    from zoo.cleaning.prepare import prepare
    from zoo.state.run_record import read_run_record

    config, record = asked_config(run), read_run_record(run)
    if record is None or config is None:
        raise ValueError(f"Expected --data, as {run} does not say where its images are. Give a folder or a table.")
    decoded = run / "decoded" if os.access(run, os.W_OK) else None
    splits = prepare(record.source, config.data, seed=config.seed, decoded=decoded)
    held_out = splits.train if ensemble.state_.held_out.folds else splits.validation
    if held_out is None or not ensemble.state_.held_out.covers(held_out):
        raise ValueError(
            f"Expected the images that {run} was fitted on in {record.source}; received others. Give "
            "--data, or fit again."
        )
    return splits


def run_group_from(run: Path) -> str | None:
    """How ``zoo fit`` found groups in the files' paths; None for a run without a configuration, or without groups."""
    found: str | None = prepared_by(run).get("group_from")
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

    path, told = Path(data).expanduser(), parse_columns(prepared_by(run).get("columns"))
    if not told or not is_file(path, *SUFFIXES):
        return None
    there = read_file(path).columns.keys()
    found = {role: names for role, names in told.items() if role in roles and there >= set(names)}
    if found:
        listed = ",".join(f"{role}={name}" for role, names in found.items() for name in names or ("none",))
        logger.info("%s: the columns are those of the run: --columns %s", data, listed)
    return found or None
