"""How pixels are read, as one value: the run keeps it, so that later images are read as those of the training were."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, get_args

from PIL import ImageColor

from zoo.utils.text import suggestion

Fit: TypeAlias = Literal["squash", "pad", "crop"]
Range: TypeAlias = tuple[float, float]
Rescaling: TypeAlias = tuple[float, float]  # slope and intercept
Colour: TypeAlias = tuple[int, int, int]

FITS: tuple[str, ...] = get_args(Fit)
WHITE = "white"


@dataclass(frozen=True, kw_only=True)
class PixelReading:
    """What becomes of pixels that are no 8-bit RGB of the wanted size.

    Attributes:
        background: RGB under transparent pixels, and around a padded picture.
        depth_range: the values of images of more than 8 bits that become 0 and 255; None where there is none.
        fit: what becomes of another aspect: ``squash`` changes it, ``pad`` adds borders, ``crop`` cuts the longer
            side's ends off.
    """

    background: Colour = (255, 255, 255)
    depth_range: Range | None = None
    fit: str = "squash"

    @property
    def is_plain(self) -> bool:
        """Whether everything is as by default."""
        return self == PLAIN

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values, which are the arguments of :func:`as_reading` too."""
        limits = None if self.depth_range is None else list(self.depth_range)
        return {"background": list(self.background), "depth_range": limits, "fit": self.fit}


PLAIN = PixelReading()


def as_reading(
    *,
    background: str | Sequence[int] = WHITE,
    depth_range: Sequence[float] | None = None,
    fit: str = "squash",
) -> PixelReading:
    """Check what a user chose.

    Args:
        background: a colour's name, ``#rrggbb``, or three numbers of 0 to 255.
        depth_range: the lowest and the highest value, of which the second is larger.
        fit: one of :data:`FITS`.

    Raises:
        ValueError: something else.
    """
    if fit not in FITS:
        raise ValueError(f"Expected fit as one of {', '.join(FITS)}; received {fit!r}. {suggestion(str(fit), FITS)}")
    return PixelReading(background=_colour(background), depth_range=_range(depth_range), fit=fit)


def reading_from(plain: Mapping[str, Any] | None) -> PixelReading:
    """Make the value of :meth:`PixelReading.as_dict` again; the default of None, as old runs have it."""
    return PLAIN if plain is None else as_reading(**plain)


def _colour(given: str | Sequence[int]) -> Colour:
    try:
        red, green, blue = (int(part) for part in (ImageColor.getrgb(given)[:3] if isinstance(given, str) else given))
    except (ValueError, TypeError) as error:
        raise ValueError(
            f"Expected background as a colour's name, #rrggbb or three numbers of 0 to 255; received {given!r}. "
            "Write white or #ffffff."
        ) from error
    if not all(0 <= part <= 255 for part in (red, green, blue)):
        raise ValueError(f"Expected background of 0 to 255 a channel; received {given!r}. Choose another colour.")
    return red, green, blue


def _range(given: Sequence[float] | None) -> Range | None:
    if given is None:
        return None
    try:
        limits = [] if isinstance(given, str) else [float(limit) for limit in given]
    except (TypeError, ValueError):
        limits = []
    if len(limits) != 2 or not all(map(math.isfinite, limits)) or limits[0] >= limits[1]:
        raise ValueError(
            f"Expected depth_range as (low, high) with low below high; received {given!r}. "
            "Write (0, 4095) for 12 bits (zoo: --depth-range 0,4095)."
        )
    return limits[0], limits[1]
