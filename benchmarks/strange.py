"""Pictures that are no cells: what a classifier of cells should refuse to name."""

from __future__ import annotations

import cv2
import numpy as np
from sklearn.datasets import load_digits, load_sample_images

from zoo.datasets.doodles import OGRE, TROLL, draw_doodle

PATCHES = 100  # of each photograph, and so many digits and doodles


def strangers(size: int, seed: int = 0) -> np.ndarray:
    """Cartoons, parts of photographs, digits, plain colours and noise: ``(n, size, size, 3)`` uint8."""
    random = np.random.default_rng(seed)
    kinds = [_doodles(size, random), *_photographs(size, random), _digits(size, random), _colours(size, random)]
    return np.concatenate([*kinds, random.integers(0, 256, (PATCHES, size, size, 3)).astype(np.uint8)])


def _doodles(size: int, random: np.random.Generator) -> np.ndarray:
    """The two cartoons of the reports, in other lights."""
    drawn = [np.asarray(draw_doodle(doodle, size)) for doodle in (OGRE, TROLL)]
    lit = [drawn[number % 2] * random.uniform(0.5, 1.0) for number in range(PATCHES)]
    return np.rint(lit).astype(np.uint8)


def _photographs(size: int, random: np.random.Generator) -> list[np.ndarray]:
    """Squares of scikit-learn's two photographs, a temple and a flower."""
    return [np.stack([_square(photo, size, random) for _ in range(PATCHES)]) for photo in load_sample_images().images]


def _square(photo: np.ndarray, size: int, random: np.random.Generator) -> np.ndarray:
    side = int(random.integers(size, min(photo.shape[:2])))
    top, left = (int(random.integers(0, length - side + 1)) for length in photo.shape[:2])
    return cv2.resize(photo[top : top + side, left : left + side], (size, size), interpolation=cv2.INTER_AREA)


def _digits(size: int, random: np.random.Generator) -> np.ndarray:
    rows = random.choice(len(load_digits().images), PATCHES, replace=False)
    grey = (255 - load_digits().images[rows] * 15).astype(np.uint8)
    return np.stack([np.dstack([cv2.resize(digit, (size, size))] * 3) for digit in grey])


def _colours(size: int, random: np.random.Generator) -> np.ndarray:
    colours = random.integers(0, 256, (PATCHES, 1, 1, 3)).astype(np.uint8)
    return np.broadcast_to(colours, (PATCHES, size, size, 3)).copy()
