"""Compare an exported graph with the live ensemble."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

import ensembles
from zoo.export.format import FLOAT16, FLOAT32

if TYPE_CHECKING:
    from zoo.state.state import EnsembleState

# The largest change of a probability, or of a logit relative to the largest, that rounding the weights may cause.
TOLERANCES = {FLOAT32: 1e-4, FLOAT16: 2e-2}
SAME_CLASS = 0.95  # the least share with int8, of calibration images and of held-out ones
CHECKED_IMAGES = 8


class ExportError(RuntimeError):
    """The exported graph predicts differently from the live ensemble; it was deleted."""


def check_close(live: np.ndarray, written: np.ndarray, name: str, tolerance: float) -> float:
    """Compare an output of the live ensemble with that of a written one, and return the largest difference.

    Where the largest live value is above 1, the difference is relative to it: rounding errors of a logit of 20 also
    reach one of 0 beside it.

    Raises:
        ExportError: it is above the tolerance.
    """
    difference = float(np.abs(live - written).max() / max(np.abs(live).max(), 1))
    if not difference <= tolerance:
        raise ExportError(
            f"Expected {name} of the exported graph within {tolerance:g} of the live ensemble's; they differ by "
            f"{difference:.2g}. The graph was not kept. This is a fault of the library, or of a layer that computes at "
            "random: please report it."
        )
    return difference


def check_same_classes(live: np.ndarray, written: np.ndarray, which: str) -> float:
    """Return the share of images whose most probable class is the same; probabilities ``(N, classes)`` of both.

    Args:
        live: of the ensemble.
        written: of the graph.
        which: what the images are called.

    Raises:
        ExportError: it is below :data:`SAME_CLASS`.
    """
    share = float(np.mean(live.argmax(axis=1) == written.argmax(axis=1)))
    if share < SAME_CLASS:
        raise ExportError(
            f"Expected the live ensemble's class from the exported graph; received it for {share:.1%} of {len(live)} "
            f"{which} images, under {SAME_CLASS:.0%}. It was not kept. Calibrate with more images like those "
            "to come, train longer if the scores are low, or store float32."
        )
    return share


def live_predictions(
    state: EnsembleState, method: str, images: np.ndarray, members: np.ndarray, *, uncertainty: bool = False
) -> dict[str, np.ndarray]:
    """Compute what a written graph should predict, from the members' own logits ``(members, n, classes)``."""
    from zoo.evaluation.abstention import uncertainty_of  # loads Keras, which a comparison of files does not need

    combined = state.rule(method).combine(members)
    predictions = {"logits": combined, "probabilities": ensembles.metrics.softmax(combined)}
    return predictions | ({"uncertainty": uncertainty_of(state, images, members, combined)} if uncertainty else {})


def sample_images(size: tuple[int, int]) -> np.ndarray:
    """Generate images to compare predictions on: noise and gradients, ``(n, H, W, 3)`` uint8."""
    random = np.random.default_rng(0)
    noise = random.integers(0, 256, (CHECKED_IMAGES // 2, *size, 3))
    slopes = np.linspace(0, 1, size[1])[None, None, :, None] * random.uniform(0, 255, (CHECKED_IMAGES // 2, 1, 1, 3))
    return np.concatenate([noise, np.broadcast_to(slopes, noise.shape)]).astype(np.uint8)


Ask: TypeAlias = Callable[[Path, np.ndarray], dict[str, np.ndarray]]

# A process that begins with this cannot import our packages, wherever they are installed.
WITHOUT_US = """
import sys
sys.modules.update(zoo=None, ensembles=None)
"""
# The parent may hold the GPU's memory: a child takes only what it needs.
CHILD_SETTINGS = {"TF_CPP_MIN_LOG_LEVEL": "3", "TF_FORCE_GPU_ALLOW_GROWTH": "true"}


@contextmanager
def fresh_process(script: str) -> Iterator[Ask]:
    """Start a process that imports while this one works, and yield a function that predicts in it, once.

    The function takes the path of a model and images ``(N, H, W, 3)`` uint8, and returns predictions by name. It raises
    an :class:`ExportError` if the script fails.

    Args:
        script: Python that imports what it needs and then reads, as a line of JSON, three paths: of the model, of the
            images, an ``.npy``, and of the predictions, an ``.npz`` that it writes.
    """
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-c", WITHOUT_US + script]
        with subprocess.Popen(
            command,
            cwd=folder,
            env=clean_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                yield partial(_predict_once, process, Path(folder))
            finally:
                process.kill()


def clean_environment() -> dict[str, str]:
    """This process' environment, but for the places on ``PYTHONPATH`` where a child would find this library."""
    kept = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "KERAS_BACKEND")}
    places = [place for place in os.environ.get("PYTHONPATH", "").split(os.pathsep) if place]
    others = [place for place in places if not Path(place, __name__.partition(".")[0]).is_dir()]
    return kept | ({"PYTHONPATH": os.pathsep.join(others)} if others else {}) | CHILD_SETTINGS


def _predict_once(
    process: subprocess.Popen[str], folder: Path, path: Path, images: np.ndarray
) -> dict[str, np.ndarray]:
    images_file, predictions_file = folder / "images.npy", folder / "predictions.npz"
    np.save(images_file, images)
    _, errors = process.communicate(json.dumps([str(path.resolve()), str(images_file), str(predictions_file)]))
    if process.returncode:
        raise ExportError(
            "Expected an exported graph that a fresh process can open; it failed, and the graph was not kept. "
            f"If the installation is complete, please report it with this:\n{errors[-2000:]}"
        )
    with np.load(predictions_file) as predictions:
        return dict(predictions)
