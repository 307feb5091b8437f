"""Writing an ensemble: beside its place, compared in a fresh process, and renamed into it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from zoo.export.checking import asked_elsewhere, check_close, check_same_classes, live_answers, sample_images
from zoo.export.formats import FLOAT16, FLOAT32, INT8, SAVED_MODEL, format_of
from zoo.export.manifest import write_manifest
from zoo.files import replacing

if TYPE_CHECKING:
    from zoo.fitted import FittedEnsemble

# Of a probability, or of a larger number's size: what rounding each weight to so many bits may change.
TOLERANCES = {FLOAT32: 1e-4, FLOAT16: 2e-2}


def export(
    ensemble: FittedEnsemble,
    path: Path,
    method: str,
    *,
    uncertainty: bool = False,
    format: str = SAVED_MODEL,
    storage: str = FLOAT32,
    calibration: np.ndarray | None = None,
) -> Path:
    """Write a folder with the graph and its manifest; see :meth:`zoo.Ensemble.export`."""
    form = format_of(format)
    form.check(storage, calibration)
    _check_backend()
    from zoo.export.graph import EnsembleGraph

    with replacing(path, form.file) as beside:
        graph = EnsembleGraph(ensemble, method, uncertainty=uncertainty)
        form.write(graph, beside, storage, calibration)
        images = sample_images(ensemble.image_size_) if calibration is None else calibration
        written, live = asked_elsewhere(form.read, beside, images), live_answers(ensemble, method, images)
        if storage == INT8:
            told = {"same_class": check_same_classes(live["probabilities"], written["probabilities"])}
        else:
            both, tolerance = sorted(live.keys() & written.keys()), TOLERANCES[storage]
            told = {name: check_close(live[name], written[name], name, tolerance) for name in both}
        write_manifest(
            ensemble,
            method,
            beside,
            outputs=graph.outputs,
            format=form.name,
            storage=storage,
            parameters=graph.parameters,
            differences=told,
        )
    return path


def _check_backend() -> None:
    import keras

    if keras.backend.backend() != "tensorflow":
        raise RuntimeError(
            f"Expected Keras on TensorFlow to write a graph; it runs on {keras.backend.backend()}. "
            "Save the ensemble, and export it in a process with KERAS_BACKEND=tensorflow."
        )
