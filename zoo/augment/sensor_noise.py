"""Noise of sensors: pictures ``(H, W, 3)`` uint8 in and out, from bytes that are drawn beforehand.

A table of 256 quantiles turns bytes into normal numbers, much faster than drawing those.
"""

from __future__ import annotations

from statistics import NormalDist

import numpy as np

from zoo.utils.opencv import cv2

# Of the standard normal distribution, in the middle of each of 256 equal parts.
QUANTILES = np.array([NormalDist().inv_cdf((share + 0.5) / 256) for share in range(256)])
SHARES = (np.arange(256, dtype=np.float32) / 255)[:, None]
SCALES = {
    "gaussian": np.ones((256, 1), np.float32),  # of the amplifier
    "shot": np.sqrt(SHARES),  # of counted light, whose deviation grows with its root
    "speckle": SHARES,  # of coherent light, whose deviation grows with it
}
"""For each kind, the deviation at every level as a share of that at white."""


def noise(picture: np.ndarray, kind: str, deviation: float, grain: np.ndarray, softness: float = 0.0) -> np.ndarray:
    """Add noise of one of :data:`SCALES`.

    Args:
        picture: ``(H, W, 3)`` uint8.
        kind: how its deviation depends on a pixel.
        deviation: in levels, where the picture is white.
        grain: ``(H, W, 3)`` uint8 for colours of their own, or ``(H, W)`` for grey noise.
        softness: standard deviation in pixels of the blur of the noise, which keeps its strength; 0 for none.
    """
    normal = cv2.LUT(grain, QUANTILES.astype(np.float32))
    if softness:
        normal = _of_deviation_1(cv2.GaussianBlur(normal, (0, 0), softness))
    scale = cv2.LUT(picture, deviation * SCALES[kind])
    return cv2.add(picture, cv2.multiply(of_three_channels(normal), scale), dtype=cv2.CV_8U)


def of_three_channels(field: np.ndarray) -> np.ndarray:
    """Values ``(H, W, 3)`` of a field that has them, or the same values ``(H, W)`` for every colour."""
    return cv2.merge([field] * 3) if field.ndim == 2 else field


def _of_deviation_1(values: np.ndarray) -> np.ndarray:
    return np.asarray(values / max(float(values.std()), 1e-6))


def impulses(picture: np.ndarray, share: float, grain: np.ndarray) -> np.ndarray:
    """Set a share of the pixels to black or white, as dead and hot pixels are.

    Args:
        picture: ``(H, W, 3)`` uint8.
        share: of the pixels, 0 to 1.
        grain: ``(H, W)`` uint16: the lowest turn black, the highest white.
    """
    reach = int(share / 2 * 65536)
    changed = picture.copy()
    changed[grain < reach] = 0
    changed[grain > 65535 - reach] = 255
    return changed
