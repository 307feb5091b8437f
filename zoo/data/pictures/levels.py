"""Whether a depth range fits pictures: what it makes of them may be nearly black, mostly white, or of two scales."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from zoo.data.pictures.pixel_reading import PixelReading

logger = logging.getLogger(__name__)

NEARLY_BLACK, DARK, BRIGHT, WHITE = 3, 31, 127, 255  # levels; 31 of 255 is an eighth of the range
BRIGHTEST = 99.9  # percentile of a picture that stands for its brightest pixels
MOSTLY, WHOLLY = 0.5, 0.99  # fractions of white pixels
SOME = 0.05  # the smallest fraction of pictures that is a scale of its own
CONVERT = (
    "Convert them to the scale of the training images, or fit with the range of these: depth_range=(LOW, HIGH) "
    "(zoo: --depth-range LOW,HIGH)."
)


@dataclass(frozen=True)
class Levels:
    """What is left of one picture.

    Attributes:
        highest: the level, 0 to 255, that its brightest pixels have.
        white: the fraction of its pixels that are 255.
    """

    highest: float
    white: float


def levels_of(picture: np.ndarray) -> Levels:
    """Measure a picture of bytes, of any shape, without its alpha."""
    counts = np.bincount(picture.reshape(-1), minlength=WHITE + 1)
    below = np.cumsum(counts) / counts.sum()
    return Levels(float(np.searchsorted(below, BRIGHTEST / 100)), float(counts[WHITE] / counts.sum()))


def check_levels(found: Sequence[Levels], reading: PixelReading) -> None:
    """Check what a depth range made of pictures, and warn where it fits them badly.

    One picture may be black or white by itself; several are refused.

    Raises:
        ValueError: nearly nothing is left of several pictures.
    """
    if not found or reading.depth_range is None:
        return
    highest, white = max(own.highest for own in found), float(np.mean([own.white for own in found]))
    what = "nearly black" if highest <= NEARLY_BLACK else "white" if white > WHOLLY else ""
    limits = "the depth range {:.12g} to {:.12g}".format(*reading.depth_range)
    if what and len(found) > 1:
        raise ValueError(f"Expected images that {limits} scales; received {len(found)} that it makes {what}. {CONVERT}")
    if highest <= DARK:
        text = "%d images fill only %.0f %% of %s, and are dark. %s"
        logger.warning(text, len(found), 100 * highest / WHITE, limits, CONVERT)
    elif white > MOSTLY:
        logger.warning("%.0f %% of the pixels of %d images are beyond %s. %s", 100 * white, len(found), limits, CONVERT)
    else:
        _warn_of_scales(found, limits)


def _warn_of_scales(found: Sequence[Levels], limits: str) -> None:
    dark, bright = (sum(is_it) for is_it in zip(*((o.highest <= DARK, o.highest > BRIGHT) for o in found), strict=True))
    if min(dark, bright) >= max(SOME * len(found), 1):
        logger.warning(
            "images of two scales: %d of %d fill less than an eighth of %s, and %d more than half. If their depths "
            "differ, such as 12 and 16 bits, convert them to one.",
            dark,
            len(found),
            limits,
            bright,
        )
