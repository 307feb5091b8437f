"""What a lens, a camera and a file do to a picture: blur, noise, lost detail."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.random import Generator

from zoo.data import imaging
from zoo.data.augment import filters
from zoo.data.augment.chance import between, pick
from zoo.data.augment.steps import Filter, Step
from zoo.sizes import Size

# Weakest, and strongest at magnitude 1; lengths are shares of the shorter side.
STRENGTHS = {
    "gaussian_blur": (0.008, 0.035),  # standard deviation
    "defocus": (0.012, 0.05),  # radius
    "motion_blur": (0.03, 0.2),  # length
    "noise": (3.0, 35.0),  # standard deviation, in levels
    "jpeg": (50.0, 5.0),  # quality
    "pixelate": (0.6, 0.1),  # of the resolution
    "sharpen": (1.5, 4.0),  # factor
}
NAMES = tuple(STRENGTHS)


def draw_degradation(random: Generator, size: Size, magnitude: float) -> list[Step]:
    """Draw one of ``NAMES``, evenly from its weakest to ``magnitude`` of the way to its strongest."""
    name = pick(random, NAMES)
    weakest, strongest = STRENGTHS[name]
    strength = between(random, weakest, weakest + magnitude * (strongest - weakest))
    return [Filter(_change(name, strength, size, random))]


def _change(name: str, strength: float, size: Size, random: Generator) -> Callable[[np.ndarray], np.ndarray]:
    """Draw what a degradation needs besides its strength; here, so that filters are the same whenever they run."""
    side = min(size)
    change: Callable[..., np.ndarray]
    match name:
        case "gaussian_blur":
            change = partial(filters.gaussian_blur, sigma=strength * side)
        case "defocus":
            change = partial(imaging.defocus, radius=strength * side)
        case "motion_blur":
            angle = np.radians(between(random, 0, 180))
            change = partial(imaging.motion_blur, length=strength * side, angle=angle)
        case "noise":
            grain = np.frombuffer(random.bytes(3 * size[0] * size[1]), np.uint8).reshape(*size, 3)
            change = partial(filters.noise, deviation=strength, grain=grain)
        case "jpeg":
            change = partial(imaging.jpeg, quality=round(strength))
        case "pixelate":
            change = partial(imaging.resample, resolution=strength, smooth=pick(random, (False, True)))
        case _:
            change = partial(filters.sharpness, factor=strength)
    return change
