"""What was written, held against the live ensemble."""

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
from typing import TypeAlias

import numpy as np

import ensembles
from zoo.evaluation.abstention import uncertainty_of
from zoo.state.state import EnsembleState

SAME_CLASS = 0.95  # of the images that int8 was calibrated with, the least share
CHECKED_IMAGES = 8


class ExportError(RuntimeError):
    """What was written answers differently from the live ensemble, so it was thrown away."""


def check_close(live: np.ndarray, written: np.ndarray, name: str, tolerance: float) -> float:
    """Compare an answer of the live ensemble with that of a written one, and return the largest difference.

    It is a share of the largest number where that is above 1: what rounds a logit of 20 rounds one of 0 beside it, too.

    Raises:
        ExportError: it is above the tolerance.
    """
    difference = float(np.abs(live - written).max() / max(np.abs(live).max(), 1))
    if not difference <= tolerance:
        raise ExportError(
            f"What was written answers differently: {name} differ by {difference:.2g}, more than {tolerance:g}. "
            "It was not kept; this is a fault of the library, or of a layer that computes at random. Please report it."
        )
    return difference


def check_same_classes(live: np.ndarray, written: np.ndarray) -> float:
    """Return the share of images whose most probable class is the same; probabilities ``(N, classes)`` of both.

    Raises:
        ExportError: it is below :data:`SAME_CLASS`.
    """
    share = float(np.mean(live.argmax(axis=1) == written.argmax(axis=1)))
    if share < SAME_CLASS:
        raise ExportError(
            f"What was written answers differently: the same class for {share:.1%} of {len(live)} images, fewer than "
            f"{SAME_CLASS:.0%}. It was not kept. Calibrate with more images, or store float16."
        )
    return share


def live_predictions(
    state: EnsembleState, method: str, images: np.ndarray, members: np.ndarray, *, uncertainty: bool = False
) -> dict[str, np.ndarray]:
    """What a written graph should answer, by another way: from the members' own logits ``(members, n, classes)``."""
    combined = state.rule(method).combine(members)
    answers = {"logits": combined, "probabilities": ensembles.metrics.softmax(combined)}
    return answers | ({"uncertainty": uncertainty_of(state, images, members, combined)} if uncertainty else {})


def sample_images(size: tuple[int, int]) -> np.ndarray:
    """Draw pictures to compare answers with: smooth ones and noise, ``(n, H, W, 3)`` uint8."""
    random = np.random.default_rng(0)
    noise = random.integers(0, 256, (CHECKED_IMAGES // 2, *size, 3))
    slopes = np.linspace(0, 1, size[1])[None, None, :, None] * random.uniform(0, 255, (CHECKED_IMAGES // 2, 1, 1, 3))
    return np.concatenate([noise, np.broadcast_to(slopes, noise.shape)]).astype(np.uint8)


Ask: TypeAlias = Callable[[Path, np.ndarray], dict[str, np.ndarray]]

# A process that begins so has no library of ours, wherever it is installed.
WITHOUT_US = """
import sys
sys.modules.update(zoo=None, ensembles=None)
"""
# The parent may hold the card: a child takes only what it needs.
CHILD_SETTINGS = {"TF_CPP_MIN_LOG_LEVEL": "3", "TF_FORCE_GPU_ALLOW_GROWTH": "true"}


@contextmanager
def fresh_process(script: str) -> Iterator[Ask]:
    """Start a process that gets ready while this one goes on, and give a way to ask it once.

    That takes the path of what was written and images ``(N, H, W, 3)`` uint8, and returns its answers by name. It
    raises an :class:`ExportError` if the script fails.

    Args:
        script: Python that imports what it needs and then reads, as a line of JSON, three paths: of the model, of the
            images, an ``.npy``, and of its answers, an ``.npz`` that it writes.
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
                yield partial(_asked, process, Path(folder))
            finally:
                process.kill()


def clean_environment() -> dict[str, str]:
    """This process' environment without what would let a child import this library by accident."""
    hidden = ("PYTHONPATH", "KERAS_BACKEND")
    return {key: value for key, value in os.environ.items() if key not in hidden} | CHILD_SETTINGS


def _asked(process: subprocess.Popen[str], folder: Path, path: Path, images: np.ndarray) -> dict[str, np.ndarray]:
    given, answered = folder / "images.npy", folder / "answers.npz"
    np.save(given, images)
    _, errors = process.communicate(json.dumps([str(path.resolve()), str(given), str(answered)]))
    if process.returncode:
        raise ExportError(
            "What was written cannot be opened in a fresh process, and was not kept. If the installation is whole, "
            f"please report it with this:\n{errors[-2000:]}"
        )
    with np.load(answered) as answers:
        return dict(answers)
