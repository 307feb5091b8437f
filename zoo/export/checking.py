"""What was written, held against the live ensemble, in a process that knows nothing of this library."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

import ensembles
from zoo.answers import unsureness

if TYPE_CHECKING:
    from zoo.fitted import FittedEnsemble

SAME_CLASS = 0.95  # of the images that int8 was calibrated with, the least share
CHECKED_IMAGES = 16

# A process that begins so has no library of ours, wherever it is installed.
WITHOUT_US = """
import sys
sys.modules.update(zoo=None, ensembles=None)
"""
# The parent may hold the card: a child takes only what it needs.
CHILD_SETTINGS = {"TF_CPP_MIN_LOG_LEVEL": "3", "TF_FORCE_GPU_ALLOW_GROWTH": "true"}


class ExportError(RuntimeError):
    """What was written answers differently from the live ensemble, so it was thrown away."""


def check_close(live: np.ndarray, written: np.ndarray, name: str, tolerance: float) -> float:
    """Compare an answer of the live ensemble with that of a written one, and return the largest difference.

    Raises:
        ExportError: it is above the tolerance.
    """
    difference = float((np.abs(live - written) / np.maximum(np.abs(live), 1)).max())
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


def live_answers(
    ensemble: FittedEnsemble, method: str, images: np.ndarray, *, uncertainty: bool = False
) -> dict[str, np.ndarray]:
    """Ask members and rule one by one, by another way than the written graph, for the same answers."""
    members = ensemble.member_logits(images)
    combined = ensemble.rule(method).combine(members)
    answers = {"logits": combined, "probabilities": ensembles.metrics.softmax(combined)}
    return answers | ({"uncertainty": unsureness(ensemble, images, members, combined)} if uncertainty else {})


def sample_images(size: tuple[int, int]) -> np.ndarray:
    """Draw pictures to compare answers with: smooth ones and noise, ``(n, H, W, 3)`` uint8."""
    random = np.random.default_rng(0)
    noise = random.integers(0, 256, (CHECKED_IMAGES // 2, *size, 3))
    slopes = np.linspace(0, 1, size[1])[None, None, :, None] * random.uniform(0, 255, (CHECKED_IMAGES // 2, 1, 1, 3))
    return np.concatenate([noise, np.broadcast_to(slopes, noise.shape)]).astype(np.uint8)


def clean_environment() -> dict[str, str]:
    """This process' environment without what would let a child import this library by accident."""
    hidden = ("PYTHONPATH", "KERAS_BACKEND")
    return {key: value for key, value in os.environ.items() if key not in hidden} | CHILD_SETTINGS


def asked_elsewhere(script: str, path: Path, images: np.ndarray) -> dict[str, np.ndarray]:
    """Ask what was written in a fresh process, and return its answers by name.

    Args:
        script: Python that reads the model ``sys.argv[1]`` and the images ``sys.argv[2]``, an ``.npy``, and writes its
            answers to ``sys.argv[3]``, an ``.npz``.
        path: what was written.
        images: ``(N, H, W, 3)`` uint8.

    Raises:
        ExportError: the script fails.
    """
    with tempfile.TemporaryDirectory() as folder:
        given, answered = Path(folder, "images.npy"), Path(folder, "answers.npz")
        np.save(given, images)
        command = [sys.executable, "-c", WITHOUT_US + script, str(path.resolve()), str(given), str(answered)]
        done = subprocess.run(command, capture_output=True, text=True, cwd=folder, env=clean_environment(), check=False)
        if done.returncode:
            raise ExportError(
                "What was written cannot be opened in a fresh process, and was not kept. If the installation is whole, "
                f"please report it with this:\n{done.stderr[-2000:]}"
            )
        with np.load(answered) as answers:
            return dict(answers)
