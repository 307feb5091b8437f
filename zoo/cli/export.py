"""``zoo export``: one graph that others run."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

import zoo
from zoo.cli.common import Columns, ImagesDir, Method, Run, read_run, write_export
from zoo.cli.scored_images import held_out_of, run_images
from zoo.export import formats
from zoo.utils.chunks import take_all

if TYPE_CHECKING:
    import numpy as np

    from zoo.data.images import Images
    from zoo.ensemble.estimator import Ensemble

logger = logging.getLogger(__name__)

CALIBRATED = 200  # images


def export(
    run: Run,
    out: Annotated[Path, typer.Option(help="The folder to write; or the file, x.onnx or x.tflite.")],
    method: Method = None,
    uncertainty: Annotated[
        bool, typer.Option("--uncertainty", help="Predict uncertainty too; thresholds are in manifest.json.")
    ] = False,
    format: Annotated[
        str, typer.Option(help=f"{', '.join(formats.NAMES)}; all but the first with their extras.")
    ] = formats.DEFAULT,
    storage: Annotated[
        str, typer.Option(help="Of the weights: float32, float16 (saved_model, litert) or int8 (onnx, litert).")
    ] = "float32",
    calibration: Annotated[
        str | None,
        typer.Option(help=f"For int8: labelled images as of `zoo fit --data`, of which {CALIBRATED} are taken."),
    ] = None,
    prune_members: Annotated[
        bool,
        typer.Option("--prune-members", help="Leave out members that do not improve the score on held-out images."),
    ] = False,
    max_latency: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="Choose the best members and rule within this time an image, such as 20ms."),
    ] = None,
    images_dir: ImagesDir = None,
    columns: Columns = None,
) -> None:
    """Write a run as one graph and check it in a fresh process."""
    ensemble = read_run(run)
    reading: dict[str, Any] = {"images_dir": images_dir, "columns": columns}
    if calibration is None and any(reading.values()):
        raise ValueError("Expected --images and --columns with --calibration; there is none. Add --calibration TABLE.")
    images = None if calibration is None else _some(calibration, ensemble, **reading)
    held_out = None if images is None else _held_out(run, ensemble)
    how = {"uncertainty": uncertainty, "format": format, "storage": storage, "calibration": images}
    which = {"prune_members": prune_members, "max_latency": max_latency}
    write_export(ensemble, out, method, **how, **which, held_out=held_out)


def _held_out(run: Path, ensemble: Ensemble) -> Images | None:
    """Load the images that the run held out; None where its source is not there any more."""
    try:
        splits = run_images(run, ensemble)
    except (OSError, ValueError) as error:
        logger.warning("the run's held-out images could not be read: %s", error)
        return None
    return splits.test if ensemble.held_out_.folds else held_out_of(splits, ensemble)


def _some(data: str, ensemble: Ensemble, **reading: Any) -> np.ndarray:
    """Take a stratified choice of images like those to come: ``(n, H, W, 3)`` uint8."""

    from zoo.data.splits import limit

    state = ensemble.state_
    how = {**reading, **state.reading.as_dict()}
    splits = zoo.load(data, image_size=state.image_size, classes=state.targets.known, whole=False, **how)
    images = limit(splits.to_score()[1], CALIBRATED)
    return take_all(images)
