"""What taking a picture costs it: a lens out of focus, a slide that moves, a coarse sensor, a small file.

The pixels alone, ``(H, W, 3)`` uint8 RGB in and out, lengths in pixels. How strong and how often is another matter:
:mod:`zoo.augment.corruptions` has five severities of each, :mod:`zoo.augment` draws them.
"""

from __future__ import annotations

import numpy as np
from PIL import Image

from zoo.utils.opencv import cv2

STEPS = 4  # samples of a streak for each pixel of its length


def defocus(picture: np.ndarray, radius: float) -> np.ndarray:
    """Spread every point over a disc; a radius of half a pixel or less changes nothing."""
    return cv2.filter2D(picture, -1, disc(radius))


def motion_blur(picture: np.ndarray, length: float, angle: float) -> np.ndarray:
    """Spread every point evenly along a line, as a steady motion does; ``angle`` in radians from level."""
    return cv2.filter2D(picture, -1, line(length, angle))


def streak(picture: np.ndarray, length: float, fading: float, angle: float) -> np.ndarray:
    """Spread every point along a line that fades out by a Gaussian, as a motion that comes to rest does.

    Args:
        picture: as above.
        length: of the line.
        fading: the Gaussian's standard deviation.
        angle: in radians from level.
    """
    return cv2.filter2D(picture, -1, fading_line(length, fading, angle))


def jpeg(picture: np.ndarray, quality: int) -> np.ndarray:
    """Write as JPEG of a quality of 1 to 100 and read it again."""
    code = cv2.imencode(".jpg", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return cv2.cvtColor(np.asarray(cv2.imdecode(code, cv2.IMREAD_COLOR)), cv2.COLOR_BGR2RGB)


def pixelate(picture: np.ndarray, resolution: float) -> np.ndarray:
    """Keep a fraction of each side's pixels, and enlarge again in blocks: Pillow's boxes, which take whole pixels."""
    height, width = picture.shape[:2]
    blocks = Image.fromarray(picture).resize(_coarse(width, height, resolution), Image.Resampling.BOX)
    return np.asarray(blocks.resize((width, height), Image.Resampling.BOX))


def resample(picture: np.ndarray, resolution: float, smooth: bool) -> np.ndarray:
    """Keep a fraction of each side's pixels, and enlarge again: smoothly, or in blocks.

    OpenCV's areas, which cut pixels where a block ends: in half the time of :func:`pixelate`, and other pixels.
    """
    height, width = picture.shape[:2]
    coarse = cv2.resize(picture, _coarse(width, height, resolution), interpolation=cv2.INTER_AREA)
    return cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR if smooth else cv2.INTER_NEAREST)


def disc(radius: float) -> np.ndarray:
    """Make a kernel of an even disc, its rim smooth: ``(k, k)`` float32 that sums to 1."""
    reach = np.arange(-np.ceil(radius), np.ceil(radius) + 1)
    return _kernel(np.clip(radius + 0.5 - np.hypot(*np.meshgrid(reach, reach)), 0, 1))


def line(length: float, angle: float) -> np.ndarray:
    """Make a kernel of an even line about the middle, its edge smooth: ``(k, k)`` float32 that sums to 1."""
    reach = int(np.ceil(length / 2))
    y, x = np.ogrid[-reach : reach + 1, -reach : reach + 1]
    along, across = np.abs(x * np.cos(angle) + y * np.sin(angle)), np.abs(y * np.cos(angle) - x * np.sin(angle))
    return _kernel(np.clip(length / 2 + 0.5 - along, 0, 1) * np.clip(1 - across, 0, 1))


def fading_line(length: float, fading: float, angle: float) -> np.ndarray:
    """Make a kernel of a line that fades out: ``(h, w)`` float32 that sums to 1.

    It lies with its centre of mass in the middle, so that a picture is smeared but does not move.
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
    return _kernel(kernel[:-1, :-1])


def _between(positions: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """The whole numbers to either side of positions, each with its weight."""
    below = np.floor(positions).astype(int)
    return [(below, 1 - (positions - below)), (below + 1, positions - below)]


def _kernel(weights: np.ndarray) -> np.ndarray:
    return np.asarray(weights / weights.sum(), dtype=np.float32)


def _coarse(width: int, height: int, resolution: float) -> tuple[int, int]:
    return max(1, round(width * resolution)), max(1, round(height * resolution))
