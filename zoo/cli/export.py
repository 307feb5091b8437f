"""``zoo export``: one graph that others run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

import zoo
from zoo.cli.common import Columns, ImagesDir, Method, Run, read_run, write_export
from zoo.export import formats

if TYPE_CHECKING:
    import numpy as np

    from zoo.ensemble.estimator import Ensemble

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
        str, typer.Option(help="Of the weights: float32, float16 (saved_model, litert) or int8 (litert).")
    ] = "float32",
    calibration: Annotated[
        str | None,
        typer.Option(help=f"For int8: labelled images as of `zoo fit --data`, of which {CALIBRATED} are taken."),
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
    how = {"uncertainty": uncertainty, "format": format, "storage": storage, "calibration": images}
    write_export(ensemble, out, method, **how)


def _some(data: str, ensemble: Ensemble, **reading: Any) -> np.ndarray:
    """Take a stratified choice of images like those to come: ``(n, H, W, 3)`` uint8."""
    import numpy as np

    from zoo.data.splits import limit

    state = ensemble.state_
    how = {**reading, **state.reading.as_dict()}
    splits = zoo.load(data, image_size=state.image_size, classes=state.targets.known, whole=False, **how)
    images = limit(splits.to_score()[1], CALIBRATED)
    return images.take(np.arange(len(images)))
