"""Pixels of more than 8 bits: which values become 0 and 255, and the pixels that come of it."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import numpy as np

from zoo.data.pictures.pixel_reading import Range, Rescaling

logger = logging.getLogger(__name__)

PERCENTILES = (0.1, 99.9)  # of the training images, where their range is not one of FULL
FULL: tuple[Range, ...] = tuple((0.0, float(2**bits - 1)) for bits in (8, 10, 12, 14, 16))
UNIT: Range = (0.0, 1.0)
FILLED, STARTED = 2 / 3, 1 / 4  # of a full range: percentiles this far apart fill it
AS_STORED: Rescaling = (1.0, 0.0)
ROUNDING = 1e-6  # of float32, relative
WITH_ALPHA = (2, 4)  # channels
SAMPLED = 1 << 14  # values of an image


def to_bytes(values: np.ndarray, limits: Range, *, inverted: bool = False) -> np.ndarray:
    """Scale values to 0 to 255: ``(..., C)`` or ``(H, W)`` of any number type to uint8 of that shape.

    What lies outside of the range becomes 0 or 255, and NaN becomes 0.

    Args:
        values: the pixels.
        limits: what becomes 0 and what becomes 255.
        inverted: the lowest value is white.
    """
    low, high = limits
    scaled = (values.astype(np.float32) - np.float32(low)) * np.float32(255 / (high - low))
    scaled = np.rint(np.clip(np.nan_to_num(scaled, nan=0.0), 0, 255)).astype(np.uint8)
    return 255 - scaled if inverted else scaled


def picture_to_bytes(values: np.ndarray, limits: Range, *, inverted: bool = False) -> np.ndarray:
    """Scale one picture ``(H, W)`` or ``(H, W, C)``; of 2 or 4 channels the last is alpha, and has its own full range.

    Args:
        values: the pixels.
        limits: what becomes 0 and what becomes 255.
        inverted: the lowest value is white.
    """
    if values.ndim == 2 or values.shape[-1] not in WITH_ALPHA:
        return to_bytes(values, limits, inverted=inverted)
    opaque = float(np.iinfo(values.dtype).max) if values.dtype.kind in "iu" else 1.0
    parts = [to_bytes(values[..., :-1], limits, inverted=inverted), to_bytes(values[..., -1:], (0.0, opaque))]
    return np.concatenate(parts, axis=-1)


def sample_values(values: np.ndarray) -> np.ndarray:
    """Take some values of one or more pictures, evenly, without alpha and without what is no number."""
    own = values[..., :-1] if values.ndim > 2 and values.shape[-1] in WITH_ALPHA else values
    some = own.reshape(-1)[:: max(own.size // SAMPLED, 1)]
    return some[np.isfinite(some)]


def choose_range(samples: Sequence[np.ndarray], rescaling: Rescaling = AS_STORED) -> tuple[Range, str]:
    """Choose the range for values such as these, and say in words what it is.

    The full range of 8, 10, 12, 14 or 16 bits (of floats, 0 to 1) is taken where the values fill it, so that pictures
    that differ from 8-bit ones in their depth alone become the same; else percentiles.

    Args:
        samples: finite values of each picture.
        rescaling: slope and intercept that made them of integers: the full ranges are those of these integers.

    Raises:
        ValueError: there are no finite values.
    """
    values = np.concatenate([sample.astype(np.float64) for sample in samples]) if samples else np.empty(0)
    if not len(values):
        raise ValueError("Expected finite pixels to choose a depth range from; received none. Pass depth_range.")
    low, high = (float(limit) for limit in np.percentile(values, PERCENTILES))
    whole = rescaling != AS_STORED or all(sample.dtype.kind in "iu" for sample in samples)
    ranges = [_rescaled(full, rescaling) for full in (FULL if whole else (UNIT, *FULL))]
    full = _full(float(values.min()), float(values.max()), ranges)
    if full and (high <= low or _is_filled(full, low, high)):
        return full, "the full range of the training images' bits"
    if high <= low:
        return (low - 1, low + 1), "around the only value of the training images"
    return (low, high), "percentiles {:g} and {:g} of the training images".format(*PERCENTILES)


def _rescaled(full: Range, rescaling: Rescaling) -> Range:
    first, last = (rescaling[0] * limit + rescaling[1] for limit in full)
    return min(first, last), max(first, last)


def _full(low: float, high: float, ranges: Sequence[Range]) -> Range | None:
    """The smallest full range that holds all values, but for the rounding of float32; None where none does."""
    near = {full: ROUNDING * max(map(abs, full)) for full in ranges}
    return next((full for full in ranges if full[0] - near[full] <= low and high <= full[1] + near[full]), None)


def _is_filled(full: Range, low: float, high: float) -> bool:
    width = full[1] - full[0]
    return high - full[0] >= FILLED * width and low - full[0] <= STARTED * width


def say_range(limits: Range, why: str) -> None:
    """Log a range that was chosen."""
    logger.warning(
        "pixels of more than 8 bits: %g to %g become 0 to 255 (%s); another range: depth_range=, --depth-range",
        *limits,
        why,
    )
