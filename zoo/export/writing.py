"""Writing an ensemble: beside its place, compared in a fresh process, and renamed into it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from zoo.export.checking import asked_elsewhere, check_same, live_answers, sample_images
from zoo.export.manifest import write_manifest
from zoo.files import replacing

if TYPE_CHECKING:
    from zoo.fitted import FittedEnsemble

GRAPH_FILE = "saved_model.pb"
PROBE = """
import numpy as np
import tensorflow as tf
model = tf.saved_model.load(sys.argv[1])
answers = model.signatures["serving_default"](images=tf.constant(np.load(sys.argv[2])))
np.savez(sys.argv[3], **{name: answer.numpy() for name, answer in answers.items()})
"""


def export(ensemble: FittedEnsemble, path: Path, method: str, *, uncertainty: bool = False) -> Path:
    """Write the SavedModel.

    Args:
        ensemble: fitted.
        path: the folder to write; what was there is replaced.
        method: the rule to write.
        uncertainty: say how unsure each answer is, too.

    Raises:
        ExportError: a probability, or an uncertainty, differs by more than 1e-4 from the live ensemble's.
        RuntimeError: Keras runs on another backend than TensorFlow.
    """
    _check_backend()
    from zoo.export.graph import as_keras_model
    from zoo.export.saved_model import write_saved_model

    with replacing(path, GRAPH_FILE) as beside:
        model = as_keras_model(ensemble, method, uncertainty=uncertainty)
        write_saved_model(model, beside)
        write_manifest(ensemble, method, beside, outputs=sorted(model.output), parameters=model.count_params())
        images = sample_images(ensemble.image_size_)
        written, live = asked_elsewhere(PROBE, beside, images), live_answers(ensemble, method, images)
        for name in written.keys() & live.keys():
            check_same(live[name], written[name], "The SavedModel", name)
    return path


def _check_backend() -> None:
    import keras

    if keras.backend.backend() != "tensorflow":
        raise RuntimeError(
            f"Expected Keras on TensorFlow to write a SavedModel; it runs on {keras.backend.backend()}. "
            "Save the ensemble, and export it in a process with KERAS_BACKEND=tensorflow."
        )
