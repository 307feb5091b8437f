"""Photometric operations: tables of 256 values, some of them made from the picture's histogram.

Each equals Pillow's operation of the same name, whose rounding (towards zero) it keeps.
"""

from __future__ import annotations

import numpy as np

from zoo.utils.opencv import cv2

LEVELS = np.arange(256.0)
CHANNELS = np.arange(3)
AS_IT_IS = np.arange(256, dtype=np.uint8)
# Pillow's weights of red, green and blue in grey: ITU-R 601-2, in 65536ths.
GREY = np.array([19595, 38470, 7471]) / 65536


def brightness(factor: float) -> np.ndarray:
    """Mix with black: 0 is black, 1 the picture. ``(256,)`` uint8."""
    return _as_table(LEVELS * factor)


def solarize(threshold: float) -> np.ndarray:
    """Invert all values from ``threshold`` (0 to 256) up. ``(256,)`` uint8."""
    return _as_table(np.where(threshold <= LEVELS, 255 - LEVELS, LEVELS))


def posterize(bits: int) -> np.ndarray:
    """Keep the highest ``bits`` (0 to 8) of each value. ``(256,)`` uint8."""
    return AS_IT_IS & np.uint8(256 - (1 << (8 - bits)))


def gamma(exponent: float) -> np.ndarray:
    """Raise values, as shares of white, to a power: below 1 is brighter. ``(256,)`` uint8."""
    return _as_table(255 * (LEVELS / 255) ** exponent + 0.5)


def gains(factors: np.ndarray) -> np.ndarray:
    """Multiply red, green and blue, as another white balance does: ``(3,)`` factors to ``(256, 3)`` uint8."""
    return _as_table(LEVELS[:, None] * factors + 0.5)


def contrast(histogram: np.ndarray, factor: float) -> np.ndarray:
    """Mix with the picture's mean grey: 0 is grey, 1 the picture. ``(256,)`` uint8."""
    grey = int(LEVELS @ histogram @ GREY / histogram[:, 0].sum() + 0.5)
    return _as_table(grey + factor * (LEVELS - grey))


def autocontrast(histogram: np.ndarray) -> np.ndarray:
    """Stretch each channel until its darkest value is 0 and its brightest 255. ``(256, 3)`` uint8."""
    present = histogram > 0
    low, high = present.argmax(axis=0), 255 - present[::-1].argmax(axis=0)
    even = low == high
    return _as_table((LEVELS[:, None] - ~even * low) * (255 / np.where(even, 255, high - low)))


def equalize(histogram: np.ndarray) -> np.ndarray:
    """Spread the values of each channel evenly. ``(256, 3)`` uint8."""
    upto = np.cumsum(histogram, axis=0)
    brightest = 255 - (histogram[::-1] > 0).argmax(axis=0)
    step = (upto[-1] - histogram[brightest, CHANNELS]) // 255
    if step.all():
        return _as_table((upto - histogram + step // 2) / step)
    return np.where(step > 0, _as_table((upto - histogram + step // 2) / np.maximum(step, 1)), AS_IT_IS[:, None])


def histogram_of(picture: np.ndarray) -> np.ndarray:
    """Count the values of each channel of ``(H, W, 3)`` uint8: ``(256, 3)`` float64."""
    counts = [cv2.calcHist([picture], [channel], None, [256], [0, 256]).ravel() for channel in range(3)]
    return np.array(counts, dtype=np.float64).T


def then(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Fuse two tables, ``first`` before ``second``; the result has three columns where one of them has."""
    if first is AS_IT_IS:
        return second
    return second[first, CHANNELS] if first.ndim == second.ndim == 2 else second[first]


def carry(histogram: np.ndarray, table: np.ndarray) -> np.ndarray:
    """Work out the histogram after a table, without the picture."""
    if table is AS_IT_IS:
        return histogram
    moved = np.zeros_like(histogram)
    np.add.at(moved, (table if table.ndim == 2 else table[:, None], CHANNELS), histogram)
    return moved


def look_up(picture: np.ndarray, table: np.ndarray) -> np.ndarray:
    """Give each pixel of ``(H, W, 3)`` uint8 its new value."""
    return cv2.LUT(picture, table if table.ndim == 1 else np.ascontiguousarray(table)[None])


def _as_table(values: np.ndarray) -> np.ndarray:
    return np.minimum(np.maximum(values, 0), 255).astype(np.uint8)
