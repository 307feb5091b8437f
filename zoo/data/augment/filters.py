"""Operations that mix channels or neighbours: pictures ``(H, W, 3)`` uint8 in and out, each one pass or a few."""

from __future__ import annotations

from statistics import NormalDist

import cv2
import numpy as np

from zoo.data.augment.tables import GREY

SMOOTH = 13  # Pillow's SMOOTH: 1 for each neighbour and 5 for the pixel, of 13
# Of the standard normal distribution, in the middle of each of 256 equal shares.
QUANTILES = np.array([NormalDist().inv_cdf((share + 0.5) / 256) for share in range(256)])


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


def defocus(picture: np.ndarray, radius: float) -> np.ndarray:
    """Blur as a lens out of focus does, by a disc of ``radius`` pixels."""
    reach = int(np.ceil(radius))
    y, x = np.ogrid[-reach : reach + 1, -reach : reach + 1]
    return _filtered(picture, np.clip(radius + 0.5 - np.hypot(y, x), 0, 1))


def motion_blur(picture: np.ndarray, length: float, degrees: float) -> np.ndarray:
    """Blur along a line of ``length`` pixels, at an angle from the horizontal."""
    reach = int(np.ceil(length / 2))
    y, x = np.ogrid[-reach : reach + 1, -reach : reach + 1]
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    along, across = np.abs(x * c + y * s), np.abs(y * c - x * s)
    return _filtered(picture, np.clip(length / 2 + 0.5 - along, 0, 1) * np.clip(1 - across, 0, 1))


def noise(picture: np.ndarray, deviation: float, grain: np.ndarray) -> np.ndarray:
    """Add Gaussian noise of a standard deviation in levels.

    ``grain``, ``(H, W, 3)`` uint8, says which of 256 quantiles each value gets: much faster than normal numbers.
    """
    return cv2.add(picture, cv2.LUT(grain, np.rint(deviation * QUANTILES).astype(np.int16)), dtype=cv2.CV_8U)


def jpeg(picture: np.ndarray, quality: int) -> np.ndarray:
    """Write as JPEG of a quality of 1 to 100 and read it again."""
    code = cv2.imencode(".jpg", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return cv2.cvtColor(np.asarray(cv2.imdecode(code, cv2.IMREAD_COLOR)), cv2.COLOR_BGR2RGB)


def pixelate(picture: np.ndarray, resolution: float, smooth: bool) -> np.ndarray:
    """Keep a share of the resolution, and enlarge again: smoothly, or in squares."""
    height, width = picture.shape[:2]
    low = (max(1, round(width * resolution)), max(1, round(height * resolution)))
    shrunken = cv2.resize(picture, low, interpolation=cv2.INTER_AREA)
    return cv2.resize(shrunken, (width, height), interpolation=cv2.INTER_LINEAR if smooth else cv2.INTER_NEAREST)


def _filtered(picture: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    return cv2.filter2D(picture, -1, kernel / kernel.sum())
