"""The style of contest winners: some of geometry, colour, occlusion and degradation, on top of a flip."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import exp, log

import numpy as np
from numpy.random import Generator

from zoo.augment import filters, geometry, imaging, lookup_tables
from zoo.augment.occlusion import draw_occlusion
from zoo.augment.policy import Stage, policy
from zoo.augment.steps import Adaptive, Filter, Step, Table, between, either_way, pick, whole
from zoo.utils.text import Size

# All at magnitude 1. A cell has no upside, so that its picture turns by any angle.
SHEAR = 0.25  # slope
ZOOM = 1.4  # factor, or one over it: sizes tell cells apart
TRANSLATION = 0.15  # of the side
# How far each factor goes from 1. Colours tell cells apart too: hues move by the white balance alone.
COLOUR: dict[str, tuple[float, Callable[[float], Step]]] = {
    "brightness": (0.6, lambda change: Table(lookup_tables.brightness(1 + change))),
    "contrast": (0.8, lambda change: Adaptive(partial(lookup_tables.contrast, factor=1 + change))),
    "saturation": (1.0, lambda change: Filter(partial(filters.color, factor=1 + change))),
    "gamma": (0.7, lambda change: Table(lookup_tables.gamma(exp(change)))),
    "warmth": (0.15, lambda change: Table(lookup_tables.gains(np.array([1 + change, 1, 1 - change])))),
    "tint": (0.1, lambda change: Table(lookup_tables.gains(np.array([1 + change, 1 - change, 1 + change])))),
}
COLOURS = 2  # of them at a time


@policy(
    "composite",
    heeds=("magnitude", "operations", "share"),
    most_operations=4,  # an operation of each of its four groups
    magnitude=0.7,
    operations=(2, 4),
    share=0.9,
)
def draw_composite(random: Generator, size: Size, stage: Stage) -> list[Step]:
    """Draw a flip, and steps of some of the four groups in the order in which light meets them.

    The stage's magnitude governs neither the flip nor the turns of :func:`draw_geometry`, which show a cell from
    another side and change nothing of it: at magnitude 0 a picture is still flipped and turned by any angle. Nor is it
    free of the other groups then: degradations are at their weakest, occlusions mere points.
    """
    steps: list[Step] = [pick(random, geometry.FLIPS)]
    for group in sorted(random.permutation(len(GROUPS))[: whole(random, *stage.operations)]):
        steps += GROUPS[group](random, size, stage.magnitude)
    return steps


def draw_geometry(
    random: Generator, size: Size, magnitude: float, *, largest_zoom: float = ZOOM, farthest: float = TRANSLATION
) -> list[Step]:
    """Draw a rotation, shear, zoom and translation, all of them; the rotation by any angle at any magnitude."""
    height, width = (magnitude * farthest * side for side in size)
    return [
        geometry.rotation(between(random, 0, 360)),
        geometry.shear_x(either_way(random, magnitude * SHEAR)),
        geometry.zoom(exp(either_way(random, magnitude * log(largest_zoom)))),
        geometry.translation(either_way(random, width), either_way(random, height)),
    ]


def draw_colour(random: Generator, size: Size, magnitude: float) -> list[Step]:
    """Draw two changes of colour."""
    drawn = [list(COLOUR.values())[place] for place in random.permutation(len(COLOUR))[:COLOURS]]
    return [change(either_way(random, magnitude * most)) for most, change in drawn]


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


GROUPS = (draw_geometry, draw_colour, draw_occlusion, draw_degradation)
