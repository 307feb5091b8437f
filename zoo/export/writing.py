"""Write an ensemble to a temporary folder, compare it in a fresh process, and rename the folder."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from zoo.data.checks import as_pixels
from zoo.export.format import FLOAT16, FLOAT32, INT8, SAVED_MODEL, Format
from zoo.export.formats import check_path, format_of
from zoo.export.loading import FROZEN_WEIGHTS
from zoo.export.manifest import MANIFEST_FILE, write_manifest
from zoo.export.summary import summary
from zoo.export.verify import (
    ExportError,
    check_close,
    check_same_classes,
    fresh_process,
    live_predictions,
    sample_images,
)
from zoo.utils.files import replacing
from zoo.utils.locks import exclusive_lock
from zoo.utils.progress import phase

if TYPE_CHECKING:
    from zoo.state.state import EnsembleState

logger = logging.getLogger(__name__)

# The largest change of a probability, or of a logit relative to the largest, that rounding the weights may cause.
TOLERANCES = {FLOAT32: 1e-4, FLOAT16: 2e-2}


def export(
    state: EnsembleState,
    path: Path,
    method: str,
    *,
    uncertainty: bool = False,
    format: str = SAVED_MODEL,
    storage: str = FLOAT32,
    calibration: np.ndarray | None = None,
) -> Path:
    """Write a folder with the graph and its manifest, or the one file, and log what it is.

    See :meth:`zoo.Ensemble.export`.
    """
    how: dict[str, Any] = {"uncertainty": uncertainty, "format": format, "storage": storage, "calibration": calibration}
    with phase("export"):
        write_graph(state, path, method, **how)
    logger.info("%s", summary(state, method, path))
    return path


def write_graph(
    state: EnsembleState,
    path: Path,
    method: str,
    *,
    uncertainty: bool = False,
    format: str = SAVED_MODEL,
    storage: str = FLOAT32,
    calibration: np.ndarray | None = None,
) -> None:
    """Write a folder with the graph and its manifest, or the one file."""
    form = format_of(format)
    calibration = None if calibration is None else as_pixels(calibration, state.reading)
    check_path(path, form.name)
    form.check(storage, calibration, state.image_size)
    if storage == INT8 and uncertainty:
        raise ValueError(
            "Expected no uncertainty with int8, as its thresholds do not hold there; received both. Store float16."
        )
    check_backend()
    from zoo.export.graph import EnsembleGraph

    with exclusive_lock(path), _folder(path, form) as beside, fresh_process(form.read) as predict:
        images = sample_images(state.image_size) if calibration is None else calibration
        graph = EnsembleGraph(state, method, uncertainty=uncertainty, samples=images)
        form.write(graph, beside, storage, calibration)
        live = live_predictions(state, method, images, graph.live_logits, uncertainty=uncertainty)
        differences = _differences(live, predict(beside, images), storage)
        if form.names_file(path):
            (beside / form.file).rename(beside / path.name)
        write_manifest(state, method, beside, graph, form, storage=storage, differences=differences)


@contextmanager
def _folder(path: Path, form: Format) -> Iterator[Path]:
    """Give a folder to write in, which replaces ``path``; or of which the file does, and the manifest beside it."""
    if not form.names_file(path):
        with replacing(path, form.file) as beside:
            yield beside
        return
    with (
        replacing(path.with_name(f"{path.name}.json")) as record,
        replacing(path) as file,
        TemporaryDirectory(dir=path.parent) as scratch,
    ):
        yield Path(scratch, "export")
        Path(scratch, "export", path.name).replace(file)
        Path(scratch, "export", MANIFEST_FILE).replace(record)


def _differences(live: Mapping[str, np.ndarray], written: Mapping[str, np.ndarray], storage: str) -> dict[str, float]:
    """Compare every output with the live one, and return the differences; see :data:`TOLERANCES`."""
    if live.keys() != written.keys():
        raise ExportError(f"Expected outputs {', '.join(sorted(live))}; the exported graph has {', '.join(written)}.")
    if storage == INT8:
        return {"same_class": check_same_classes(live["probabilities"], written["probabilities"])}
    return {name: check_close(live[name], written[name], name, TOLERANCES[storage]) for name in sorted(live)}


def check_backend() -> None:
    """Check that Keras can write a graph here.

    Raises:
        RuntimeError: Keras runs on another backend than TensorFlow, or TensorFlow assumes frozen weights, with which
            layers that are called one by one use each other's weights.
    """
    import keras

    if os.environ.get(FROZEN_WEIGHTS, "0").lower() in ("1", "true"):
        raise RuntimeError(
            f"Expected {FROZEN_WEIGHTS} unset, as networks predict wrongly with it; it is set. Unset it."
        )
    if keras.backend.backend() != "tensorflow":
        raise RuntimeError(
            f"Expected Keras on TensorFlow for a graph; it runs on {keras.backend.backend()}. "
            "Save the ensemble, and go on in a process with KERAS_BACKEND=tensorflow."
        )
