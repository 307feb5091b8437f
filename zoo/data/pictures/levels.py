"""Whether a depth range fits pictures: what it makes of them may be nearly black, mostly white, or of two scales."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from zoo.data.pictures.depth import FILLED, FULL, to_bytes
from zoo.data.pictures.pixel_reading import PixelReading, Range

logger = logging.getLogger(__name__)

NEARLY_BLACK, DARK, BRIGHT, WHITE = 3, 31, 127, 255  # levels; 31 of 255 is an eighth of the range
BRIGHTEST = 99.9  # percentile of a picture that stands for its brightest pixels
MOSTLY, WHOLLY = 0.5, 0.99  # fractions of pixels that the range cuts off
SOME, NEARLY_ALL = 0.05, 0.95  # fractions of pictures: that make a scale of their own, and that stand for the set
CONVERT = (
    "Fit with the range of such images, depth_range=(LOW, HIGH) (zoo: --depth-range LOW,HIGH), or convert them to the "
    "scale of the training images."
)

AS_BYTES = " Bytes of 0 to 255 are read as they are: pass images.astype('uint8'); save files of them with 8 bits."


@dataclass(frozen=True)
class Levels:
    """The values of one picture, and what a depth range leaves of them.

    Attributes:
        highest: the level, 0 to 255, that its brightest pixels have.
        white: the fraction of its pixels that become 255.
        below: the fraction that is below the range.
        low: the lowest value.
        high: the highest one.
    """

    highest: float
    white: float
    below: float
    low: float
    high: float


def levels_of(values: np.ndarray, limits: Range) -> Levels:
    """Measure the values of a picture, of any shape, without its alpha."""
    counts = np.bincount(to_bytes(values, limits).reshape(-1), minlength=WHITE + 1)
    passed = np.cumsum(counts) / counts.sum()
    return Levels(
        highest=float(np.searchsorted(passed, BRIGHTEST / 100)),
        white=float(counts[WHITE] / counts.sum()),
        below=float(np.mean(values < limits[0])),
        low=float(np.fmin.reduce(values, axis=None)),
        high=float(np.fmax.reduce(values, axis=None)),
    )


def check_levels(found: Sequence[Levels], reading: PixelReading) -> None:
    """Check what a depth range made of pictures, and warn where it fits them badly.

    One picture may be black or white by itself; several are refused.

    Raises:
        ValueError: nearly nothing is left of several pictures.
    """
    if not found or reading.depth_range is None:
        return
    brightest = [own.highest for own in found]
    white, below = (float(np.mean([getattr(own, name) for own in found])) for name in ("white", "below"))
    what = "nearly black" if max(brightest) <= NEARLY_BLACK else "white" if white > WHOLLY else ""
    limits = "the depth range {:.12g} to {:.12g}".format(*reading.depth_range)
    values = f"{min(own.low for own in found):.12g} to {max(own.high for own in found):.12g}"
    if what and len(found) > 1:
        raise ValueError(
            f"Expected images that {limits} scales; received {len(found)} with values of {values}, which it makes "
            f"{what}. {CONVERT}"
        )
    typical = float(np.quantile(brightest, NEARLY_ALL, method="lower"))
    if typical <= DARK:
        text = "%d images fill only %.1f %% of %s, and are dark: their values are %s. %s%s"
        are_bytes = all(own.low >= 0 and own.high <= WHITE for own in found) and reading.depth_range[1] > WHITE
        remedy = AS_BYTES if are_bytes else ""
        logger.warning(text, len(found), 100 * typical / WHITE, limits, values, CONVERT, remedy)
    elif white + below > MOSTLY:
        text = "%.0f %% of the pixels of %d images are beyond %s: their values are %s. %s"
        logger.warning(text, 100 * (white + below), len(found), limits, values, CONVERT)
    else:
        _warn_of_scales(found, limits)


def _warn_of_scales(found: Sequence[Levels], limits: str) -> None:
    depths = _depths(found)
    if len(depths) > 1:
        logger.warning(
            "images of several depths: %s, all scaled by %s. Convert them to one.",
            ", ".join(f"{count} of {len(found)} reach {high:.0f} at most" for high, count in sorted(depths.items())),
            limits,
        )
        return
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


def _depths(found: Sequence[Levels]) -> dict[float, int]:
    """How many pictures fill the values of which bits, by the highest one, where nearly all fill those of some."""
    fills = Counter(full for own in found if (full := _filled(own)) is not None)
    shares = {full: count for full, count in fills.items() if count >= SOME * len(found)}
    return shares if sum(shares.values()) >= NEARLY_ALL * len(found) else {}


def _filled(own: Levels) -> float | None:
    full = next((high for _, high in FULL if own.high <= high), None)
    whole = own.low >= 0 and own.high.is_integer()
    return full if full is not None and whole and own.high >= FILLED * full else None
