"""What the checks are tried on: pictures of soft blobs, no two alike, in three classes told apart by their colour."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from zoo.data import Splits, as_images

CLASSES = ("red", "green", "blue")
TINTS = np.array([[1.0, 0.55, 0.5], [0.5, 1.0, 0.55], [0.55, 0.5, 1.0]])


def draw(count, *, side=32, seed=0):
    """``(count, side, side, 3)`` uint8: a tinted, blotched shape of its own on the same light ground."""
    random = np.random.default_rng(seed)
    blotches = gaussian_filter(random.standard_normal((count, side, side)), (0, side / 14, side / 14))
    blotches /= blotches.std(axis=(1, 2), keepdims=True)
    inside = np.hypot(*np.mgrid[-1 : 1 : side * 1j, -1 : 1 : side * 1j]) < 0.75
    light = np.where(inside, 130 + 40 * blotches, 235)[..., None]
    tints = np.where(inside[..., None], TINTS[np.arange(count) % 3][:, None, None], 1)
    noise = random.normal(0, 2, (count, side, side, 3))
    return np.clip(light * tints + noise, 0, 255).astype(np.uint8)


def images(pixels, labels=None, prefix=""):
    """Label pictures in turn, unless told otherwise, and name them by their rows."""
    labels = np.arange(len(pixels)) % 3 if labels is None else np.asarray(labels)
    origins = np.array([f"{prefix}{row}" for row in range(len(pixels))])
    return as_images(pixels, labels, CLASSES, origins=origins, whole=False)


@pytest.fixture(scope="session")
def cells():
    """150 pictures to train on and 60 to validate with, all different."""
    drawn = draw(210)
    drawn.flags.writeable = False
    return Splits(images(drawn[:150], prefix="t"), images(drawn[150:], prefix="v"))
