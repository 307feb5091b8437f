"""What was written, held against the live ensemble."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

import ensembles
from zoo.answers import unsureness

if TYPE_CHECKING:
    from zoo.fitted import FittedEnsemble

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


def live_answers(
    ensemble: FittedEnsemble, method: str, images: np.ndarray, members: np.ndarray, *, uncertainty: bool = False
) -> dict[str, np.ndarray]:
    """What a written graph should answer, by another way: from the members' own logits ``(members, n, classes)``."""
    combined = ensemble.rule(method).combine(members)
    answers = {"logits": combined, "probabilities": ensembles.metrics.softmax(combined)}
    return answers | ({"uncertainty": unsureness(ensemble, images, members, combined)} if uncertainty else {})


def sample_images(size: tuple[int, int]) -> np.ndarray:
    """Draw pictures to compare answers with: smooth ones and noise, ``(n, H, W, 3)`` uint8."""
    random = np.random.default_rng(0)
    noise = random.integers(0, 256, (CHECKED_IMAGES // 2, *size, 3))
    slopes = np.linspace(0, 1, size[1])[None, None, :, None] * random.uniform(0, 255, (CHECKED_IMAGES // 2, 1, 1, 3))
    return np.concatenate([noise, np.broadcast_to(slopes, noise.shape)]).astype(np.uint8)
