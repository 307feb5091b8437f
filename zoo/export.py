"""One SavedModel of a whole ensemble: uint8 ``images`` in, ``logits`` and ``probabilities`` out.

Keras' own ``model.export`` stores every weight twice. A plain ``tf.Module`` that tracks each variable once gives
half the bytes in a third of the time, and is read by any TensorFlow.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import ensembles
from zoo.answers import abstention, known_familiarity, unsureness
from zoo.files import replacing, write_json
from zoo.surgery.copies import renamed

if TYPE_CHECKING:
    import keras

    from zoo.fitted import FittedEnsemble
    from zoo.member import Member

TOLERANCE = 1e-4  # of a probability, or of a larger number's size
CHECKED_IMAGES = 16
GRAPH_FILE = "saved_model.pb"
MANIFEST_FILE = "manifest.json"
ABSTAIN = (0.001, 0.005, 0.01, 0.02, 0.05)  # shares of errors whose thresholds the manifest lists

# A process that begins so has no library of ours, wherever it is installed.
WITHOUT_US = """
import sys
sys.modules.update(zoo=None, ensembles=None)
"""
PROBE = (
    WITHOUT_US
    + """
import numpy as np
import tensorflow as tf
model = tf.saved_model.load(sys.argv[1])
answers = model.signatures["serving_default"](images=tf.constant(np.load(sys.argv[2])))
np.savez(sys.argv[3], **{name: answer.numpy() for name, answer in answers.items()})
"""
)


class ExportError(RuntimeError):
    """What was written answers differently from the live ensemble, so it was thrown away."""


def export(ensemble: FittedEnsemble, path: Path, method: str, *, uncertainty: bool = False) -> Path:
    """Write the SavedModel beside its place, compare it in a fresh process, and rename it into place.

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
    with replacing(path, GRAPH_FILE) as beside:
        model = as_keras_model(ensemble, method, uncertainty=uncertainty)
        write_saved_model(model, beside)
        write_json(beside / MANIFEST_FILE, _manifest(ensemble, model, method))
        images = sample_images(ensemble.image_size_)
        written, live = _probe(beside, images), live_answers(ensemble, method, images)
        for name in written.keys() & live.keys():
            check_same(live[name], written[name], "The SavedModel", name)
    return path


def as_keras_model(ensemble: FittedEnsemble, method: str, *, uncertainty: bool = False) -> keras.Model:
    """Join members and rule to one Keras model; a member without weight is left out.

    Takes ``images`` (N, H, W, 3) uint8 and answers a dict of ``logits`` and ``probabilities``, (N, classes) float32,
    and of ``uncertainty`` (N,) float32 if it is wanted.
    """
    import keras

    from ensembles.layers import as_layers
    from ensembles.uncertainty_layers import as_distance, as_uncertainty
    from zoo.surgery.lean import lean

    images = keras.Input((*ensemble.image_size_, 3), dtype="uint8", name="images")
    familiarity = known_familiarity(ensemble) if uncertainty else None
    answers = [renamed(lean(member.model), member.name)(images) for member in ensemble.members_]
    if familiarity:
        features, answers[familiarity.place] = _in_two(ensemble.members_[familiarity.place], images)
    logits = as_layers(ensemble.rule(method), answers)
    outputs = {"logits": logits, "probabilities": keras.layers.Softmax(dtype="float32", name="probabilities")(logits)}
    if familiarity:
        outputs["uncertainty"] = as_distance(familiarity.distance, features)
    elif uncertainty:
        outputs["uncertainty"] = as_uncertainty(ensemble.uncertainty, answers, logits)
    return keras.Model(images, outputs, name="ensemble")


def write_saved_model(model: keras.Model, path: Path) -> None:
    """Write a Keras model as a SavedModel with one signature and each weight once."""
    import tensorflow as tf

    module = tf.Module()
    module.weights = [variable.value for variable in model.weights]
    signature = tf.TensorSpec((None, *model.input_shape[1:]), tf.uint8, name="images")
    serve = tf.function(lambda images: model(images, training=False), input_signature=[signature], jit_compile=False)
    module.serve = serve
    tf.saved_model.save(module, str(path), signatures={"serving_default": serve})


def check_same(live: np.ndarray, written: np.ndarray, what: str, answer: str = "probabilities") -> None:
    """Compare an answer of the live ensemble with that of a written one.

    Raises:
        ExportError: they differ by more than the tolerance.
    """
    difference = float((np.abs(live - written) / np.maximum(np.abs(live), 1)).max())
    if not difference <= TOLERANCE:
        raise ExportError(
            f"{what} answers differently: {answer} differ by {difference:.2g}, more than {TOLERANCE:g}. "
            "It was not kept."
        )


def live_answers(ensemble: FittedEnsemble, method: str, images: np.ndarray) -> dict[str, np.ndarray]:
    """Ask members and rule one by one, by another way than the written graph: ``probabilities``, ``uncertainty``."""
    members = ensemble.member_logits(images)
    combined = ensemble.rule(method).combine(members)
    unsure = unsureness(ensemble, images, members, combined)
    return {"probabilities": ensembles.metrics.softmax(combined), "uncertainty": unsure}


def sample_images(size: tuple[int, int]) -> np.ndarray:
    """Draw pictures to compare answers with: smooth ones and noise, ``(n, H, W, 3)`` uint8."""
    random = np.random.default_rng(0)
    noise = random.integers(0, 256, (CHECKED_IMAGES // 2, *size, 3))
    slopes = np.linspace(0, 1, size[1])[None, None, :, None] * random.uniform(0, 255, (CHECKED_IMAGES // 2, 1, 1, 3))
    return np.concatenate([noise, np.broadcast_to(slopes, noise.shape)]).astype(np.uint8)


# The parent may hold the card: a child takes only what it needs.
CHILD_SETTINGS = {"TF_CPP_MIN_LOG_LEVEL": "3", "TF_FORCE_GPU_ALLOW_GROWTH": "true"}


def clean_environment() -> dict[str, str]:
    """This process' environment without what would let a child import this library by accident."""
    hidden = ("PYTHONPATH", "KERAS_BACKEND")
    return {key: value for key, value in os.environ.items() if key not in hidden} | CHILD_SETTINGS


def _probe(path: Path, images: np.ndarray) -> dict[str, np.ndarray]:
    with tempfile.TemporaryDirectory() as folder:
        given, answered = Path(folder, "images.npy"), Path(folder, "answers.npz")
        np.save(given, images)
        command = [sys.executable, "-c", PROBE, str(path.resolve()), str(given), str(answered)]
        done = subprocess.run(command, capture_output=True, text=True, cwd=folder, env=clean_environment(), check=False)
        if done.returncode:
            raise ExportError(f"The SavedModel cannot be opened in a fresh process:\n{done.stderr[-2000:]}")
        with np.load(answered) as answers:
            return dict(answers)


def _in_two(member: Member, images: keras.KerasTensor) -> tuple[keras.KerasTensor, keras.KerasTensor]:
    """A member's features and its logits, of one pass through its backbone."""
    from zoo.surgery.lean import lean
    from zoo.training.features import tail, trunk

    features = renamed(lean(trunk(member.model)), f"{member.name}_features")(images)
    return features, renamed(lean(tail(member.model)), member.name)(features)


def _manifest(ensemble: FittedEnsemble, model: keras.Model, method: str) -> dict[str, Any]:
    import keras
    import tensorflow as tf

    height, width = ensemble.image_size_
    return {
        "classes": list(ensemble.class_names_),
        "images": {"dtype": "uint8", "shape": [None, height, width, 3], "range": [0, 255], "channels": "RGB"},
        "members": [member.name for member in ensemble.members_],
        "method": method,
        "rule": ensembles.to_dict(ensemble.rule(method)),
        "uncertainty": _thresholds(ensemble, method) if "uncertainty" in model.output_names else None,
        "parameters": model.count_params(),
        "versions": {"keras": keras.__version__, "tensorflow": tf.__version__},
    }


def _thresholds(ensemble: FittedEnsemble, method: str) -> dict[str, Any]:
    """Up to which uncertainty to answer, for some wanted shares of errors; null where nothing is to be answered."""
    limits = {str(error): abstention(ensemble, error, method=method) for error in ABSTAIN}
    plain = {
        error: vars(limit) | {"threshold": limit.threshold if np.isfinite(limit.threshold) else None}
        for error, limit in limits.items()
    }
    return {"score": ensemble.uncertainty, "thresholds": plain}


def _check_backend() -> None:
    import keras

    if keras.backend.backend() != "tensorflow":
        raise RuntimeError(
            f"Expected Keras on TensorFlow to write a SavedModel; it runs on {keras.backend.backend()}. "
            "Save the ensemble, and export it in a process with KERAS_BACKEND=tensorflow."
        )
