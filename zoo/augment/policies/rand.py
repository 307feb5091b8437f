"""RandAugment and TrivialAugment: operations drawn evenly from the same fourteen.

Both differ from their papers in their moves. What comes in from beyond the picture's edge is its mirror image; the
papers' code fills it with grey or black. And all moves of an image come first, as one warp, wherever they were drawn
(:func:`zoo.augment.batch.render`); the papers' operations follow each other. So an ``equalize`` that is drawn
before a rotation sees the rotated picture here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from numpy.random import Generator

from zoo.augment import filters, geometry, lookup_tables
from zoo.augment.policy import Stage, policy
from zoo.augment.steps import Adaptive, Filter, Step, Table, pick, whole
from zoo.utils.text import Size

# A strength and (height, width) in pixels, to steps. Strengths: degrees, slopes, shares of the side, bits taken away,
# levels below 256, and how far a factor is from 1; 0 changes nothing. The first three have none.
# Translations go by whole pixels, which need no interpolation.
Operation = Callable[[float, Size], tuple[Step, ...]]

OPERATIONS: dict[str, Operation] = {
    "identity": lambda strength, size: (),
    "autocontrast": lambda strength, size: (Adaptive(lookup_tables.autocontrast),),
    "equalize": lambda strength, size: (Adaptive(lookup_tables.equalize),),
    "rotate": lambda strength, size: (geometry.rotation(strength),),
    "solarize": lambda strength, size: (Table(lookup_tables.solarize(256 - strength)),),
    "color": lambda strength, size: (Filter(partial(filters.color, factor=1 + strength)),),
    "posterize": lambda strength, size: (Table(lookup_tables.posterize(8 - round(strength))),),
    "contrast": lambda strength, size: (Adaptive(partial(lookup_tables.contrast, factor=1 + strength)),),
    "brightness": lambda strength, size: (Table(lookup_tables.brightness(1 + strength)),),
    "sharpness": lambda strength, size: (Filter(partial(filters.sharpness, factor=1 + strength)),),
    "shear_x": lambda strength, size: (geometry.shear_x(strength),),
    "shear_y": lambda strength, size: (geometry.shear_y(strength),),
    "translate_x": lambda strength, size: (geometry.translation(round(strength * size[1]), 0),),
    "translate_y": lambda strength, size: (geometry.translation(0, round(strength * size[0])),),
}
ONE_WAY = ("solarize", "posterize")  # the other strengths have either sign

# Each operation's strongest, as in the code of AutoAugment and RandAugment, except that more magnitude is always
# more change: there it weakens solarize and posterize, and one half leaves colours as they are.
RAND = {
    "rotate": 30.0,
    "shear_x": 0.3,
    "shear_y": 0.3,
    "translate_x": 150 / 331,  # AutoAugment's pixels, of its ImageNet side
    "translate_y": 150 / 331,
    "color": 0.9,
    "contrast": 0.9,
    "brightness": 0.9,
    "sharpness": 0.9,
    "solarize": 256.0,
    "posterize": 4.0,
}
# TrivialAugment's wide space.
TRIVIAL = {
    "rotate": 135.0,
    "shear_x": 0.99,
    "shear_y": 0.99,
    "translate_x": 32 / 224,  # its pixels, of its ImageNet side
    "translate_y": 32 / 224,
    "color": 0.99,
    "contrast": 0.99,
    "brightness": 0.99,
    "sharpness": 0.99,
    "solarize": 256.0,
    "posterize": 6.0,
}
NAMES = tuple(OPERATIONS)


@policy("rand", heeds=("magnitude", "operations", "share"), magnitude=0.5, operations=(2, 2), share=0.8)
def draw_rand(random: Generator, size: Size, stage: Stage) -> list[Step]:
    """Draw RandAugment's operations (Cubuk et al., arXiv:1909.13719), each evenly and all at one magnitude.

    Not the paper's: borders are mirrored, and moves go first; see above.
    """
    return [
        step
        for _ in range(whole(random, *stage.operations))
        for step in _operation(random, size, RAND, stage.magnitude)
    ]


@policy("trivial", heeds=("share",))
def draw_trivial(random: Generator, size: Size, stage: Stage) -> list[Step]:
    """Draw TrivialAugment's one operation (Müller and Hutter, arXiv:2103.10158) at any magnitude.

    Not the paper's: the magnitude is any number of 0 to 1 and not one of 31 levels, and borders are mirrored.
    """
    return list(_operation(random, size, TRIVIAL, random.random()))


def _operation(random: Generator, size: Size, strongest: Mapping[str, float], magnitude: float) -> tuple[Step, ...]:
    name = pick(random, NAMES)
    strength = strongest.get(name, 0.0) * magnitude
    sign = 1 if name in ONE_WAY else pick(random, (-1, 1))
    return OPERATIONS[name](sign * strength, size)
