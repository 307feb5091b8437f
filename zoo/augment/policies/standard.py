"""Flips, and the student report's standard mix of geometry and contrast."""

from __future__ import annotations

from functools import partial

from numpy.random import Generator

from zoo.augment import geometry, lookup_tables
from zoo.augment.policy import Stage, policy
from zoo.augment.steps import Adaptive, Step, either_way, pick
from zoo.utils.text import Size

# Each operation's strongest: twice the usual arguments of Keras' layers, which magnitude 0.5 gives.
ROTATION = 72.0  # degrees
TRANSLATION = 0.2  # of the side
ZOOM = 0.4  # change of the factor
CONTRAST = 0.4  # change of the factor


@policy("flips")
def draw_flips(random: Generator, size: Size, stage: Stage) -> list[Step]:
    """Draw a flip evenly: none, sideways, upside down or both."""
    return [pick(random, geometry.FLIPS)]


@policy("standard", heeds=("magnitude", "share"), magnitude=0.5)
def draw_standard(random: Generator, size: Size, stage: Stage) -> list[Step]:
    """Draw a flip, rotation, translation, zoom and contrast, all of them for every image."""
    height, width = (TRANSLATION * stage.magnitude * side for side in size)
    factor = 1 + either_way(random, CONTRAST * stage.magnitude)
    return [
        pick(random, geometry.FLIPS),
        geometry.rotation(either_way(random, ROTATION * stage.magnitude)),
        geometry.zoom(1 + either_way(random, ZOOM * stage.magnitude)),
        geometry.translation(either_way(random, width), either_way(random, height)),
        Adaptive(partial(lookup_tables.contrast, factor=factor)),
    ]
