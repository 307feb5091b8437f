"""Operations that mix channels or neighbours: pictures ``(H, W, 3)`` uint8 in and out, each one pass or a few.

Those that the corruptions of :mod:`zoo.augment.corruptions` have too are in :mod:`zoo.augment.imaging`.
"""

from __future__ import annotations

import numpy as np

from zoo.augment.lookup_tables import GREY
from zoo.augment.sensor_noise import QUANTILES
from zoo.utils.opencv import cv2

SMOOTH = 13  # Pillow's SMOOTH: 1 for each neighbour and 5 for the pixel, of 13
# Optical densities of red, green and blue: haematoxylin, eosin and a residue (Ruifrok and Johnston, 2001).
DYES = np.array([[0.650, 0.704, 0.286], [0.072, 0.990, 0.105], [0.268, 0.570, 0.776]])
DENSITIES = -np.log((np.arange(256, dtype=np.float32) + 1) / 256)[:, None]  # of each level; white has none


def color(picture: np.ndarray, factor: float) -> np.ndarray:
    """Mix with the grey picture: 0 is grey, 1 the picture, more is more colourful (Pillow's ``Color``)."""
    return cv2.transform(picture, factor * np.eye(3) + (1 - factor) * GREY)


def sharpness(picture: np.ndarray, factor: float) -> np.ndarray:
    """Mix with the smoothed picture: 0 is smooth, 1 the picture, more is sharper (Pillow's ``Sharpness``).

    The outermost pixels stay, as with Pillow.
    """
    own, neighbours = factor + (1 - factor) * 4 / SMOOTH, (1 - factor) * 9 / SMOOTH
    sharpened = cv2.addWeighted(picture, own, cv2.blur(picture, (3, 3)), neighbours, 0)
    for edge in (np.s_[:1], np.s_[-1:], np.s_[:, :1], np.s_[:, -1:]):
        sharpened[edge] = picture[edge]
    return sharpened


def gaussian_blur(picture: np.ndarray, sigma: float) -> np.ndarray:
    """Blur softly; ``sigma`` in pixels, above 0."""
    return cv2.GaussianBlur(picture, (0, 0), sigma)


def noise(picture: np.ndarray, deviation: float, grain: np.ndarray) -> np.ndarray:
    """Add Gaussian noise of a standard deviation in levels.

    ``grain``, ``(H, W, 3)`` uint8, holds the index of each value's quantile: much faster than normal numbers.
    """
    return cv2.add(picture, cv2.LUT(grain, np.rint(deviation * QUANTILES).astype(np.int16)), dtype=cv2.CV_8U)


def restain(picture: np.ndarray, amounts: np.ndarray, more: np.ndarray) -> np.ndarray:
    """Change how much of each dye there is, as another laboratory's stain does (Tellez et al., 2018, arXiv:1808.05896).

    In optical density amounts of dye add up (Beer and Lambert's law).

    Args:
        picture: ``(H, W, 3)`` uint8 RGB.
        amounts: ``(3,)`` factors of the three dyes.
        more: ``(3,)`` dye that is added everywhere, as optical density.
    """
    turned = np.linalg.inv(DYES) @ np.diag(amounts) @ DYES
    affine = np.hstack([turned.T, (np.asarray(more) @ DYES)[:, None]])  # rows make red, green and blue
    changed = cv2.transform(cv2.LUT(picture, DENSITIES), affine)
    return cv2.convertScaleAbs(cv2.exp(-changed), alpha=256, beta=-1)
