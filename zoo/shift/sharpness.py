"""Corruptions of detail: too few pixels, a small file, a microscope out of focus, a slide that moved.

Every corruption takes a picture ``(H, W, 3)`` uint8 RGB, what its severity means and a random generator, and
returns a picture of the same shape. Lengths are shares of the picture's shorter side; :mod:`zoo.data.imaging` has
what is done to the pixels.
"""

from __future__ import annotations

import numpy as np

from zoo.data import imaging

SHARPEST = 0.5  # pixels: the radius of a disc that is one point


def pixelate(picture: np.ndarray, kept: float, random: np.random.Generator) -> np.ndarray:
    """Average over blocks: ``kept`` is the share of each side's pixels that is left, 0 to 1."""
    return imaging.pixelate(picture, kept)


def compress(picture: np.ndarray, quality: int, random: np.random.Generator) -> np.ndarray:
    """Write as JPEG of this quality, 1 to 100, and read again."""
    return imaging.jpeg(picture, quality)


def defocus(picture: np.ndarray, radius: float, random: np.random.Generator) -> np.ndarray:
    """Spread every point over a disc.

    In small pictures the radii of mild severities are no more than half a pixel, which would change nothing. Those
    below two thirds of a pixel are therefore raised, in their order, to between a half and two thirds.
    """
    pixels = radius * min(picture.shape[:2])
    return imaging.defocus(picture, max(pixels, SHARPEST + pixels / 4))


def move(picture: np.ndarray, streak: tuple[float, float], random: np.random.Generator) -> np.ndarray:
    """Spread every point along a line that fades out, at up to 45 degrees from level.

    Args:
        picture: as above.
        streak: the line's length, and the standard deviation of the Gaussian by which it fades.
        random: draws the angle.
    """
    length, fading = np.array(streak) * min(picture.shape[:2])
    return imaging.streak(picture, length, fading, random.uniform(-np.pi / 4, np.pi / 4))
