"""Corruptions of detail: too few pixels, a small file, a microscope out of focus, a slide that moved.

Every corruption takes a picture ``(H, W, 3)`` uint8 RGB, what its severity means and a random generator, and
returns a picture of the same shape. Lengths are shares of the picture's shorter side.
"""

from __future__ import annotations

import cv2
import numpy as np
from PIL import Image

STEPS = 4  # samples of a streak for each pixel of its length


def pixelate(picture: np.ndarray, kept: float, random: np.random.Generator) -> np.ndarray:
    """Average over blocks: ``kept`` is the share of each side's pixels that is left, 0 to 1."""
    height, width = picture.shape[:2]
    smaller = max(1, round(kept * width)), max(1, round(kept * height))
    blocks = Image.fromarray(picture).resize(smaller, Image.Resampling.BOX)
    return np.asarray(blocks.resize((width, height), Image.Resampling.BOX))


def compress(picture: np.ndarray, quality: int, random: np.random.Generator) -> np.ndarray:
    """Write as JPEG of this quality, 1 to 100, and read again."""
    _, file = cv2.imencode(".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(file, cv2.IMREAD_COLOR))[..., ::-1]


def defocus(picture: np.ndarray, radius: float, random: np.random.Generator) -> np.ndarray:
    """Spread every point over a disc."""
    return cv2.filter2D(picture, -1, disc(radius * min(picture.shape[:2])))


def move(picture: np.ndarray, streak: tuple[float, float], random: np.random.Generator) -> np.ndarray:
    """Spread every point along a line that fades out, at up to 45 degrees from level.

    Args:
        picture: as above.
        streak: the line's length, and the standard deviation of the Gaussian by which it fades.
        random: draws the angle.
    """
    length, fading = np.array(streak) * min(picture.shape[:2])
    return cv2.filter2D(picture, -1, line(length, fading, random.uniform(-np.pi / 4, np.pi / 4)))


def disc(radius: float) -> np.ndarray:
    """Make a kernel of an even disc, radius in pixels: ``(k, k)`` float32 that sums to 1, its rim smooth."""
    reach = np.arange(-np.ceil(radius), np.ceil(radius) + 1)
    kernel = np.clip(radius + 0.5 - np.hypot(*np.meshgrid(reach, reach)), 0, 1)
    return np.asarray(kernel / kernel.sum(), dtype=np.float32)


def line(length: float, fading: float, angle: float) -> np.ndarray:
    """Make a kernel of a fading line, lengths in pixels, angle in radians: ``(h, w)`` float32 that sums to 1.

    It lies with its centre of mass in the middle, so that a picture is smeared but stays in its place.
    """
    along = np.linspace(0, length, STEPS * int(np.ceil(length)) + 1)
    weights = np.exp(-np.square(along / fading) / 2)
    along -= np.average(along, weights=weights)
    x, y = along * np.cos(angle), along * np.sin(angle)
    right, down = int(np.ceil(np.abs(x).max())), int(np.ceil(np.abs(y).max()))
    kernel = np.zeros((2 * down + 2, 2 * right + 2))
    for column, share_x in _between(x + right):
        for row, share_y in _between(y + down):
            np.add.at(kernel, (row, column), weights * share_x * share_y)
    return np.asarray(kernel[:-1, :-1] / kernel.sum(), dtype=np.float32)


def _between(places: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """The whole numbers to either side of places, each with the share that it gets."""
    below = np.floor(places).astype(int)
    return [(below, 1 - (places - below)), (below + 1, places - below)]
