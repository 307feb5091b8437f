"""RandAugment's fourteen operations (Cubuk et al., arXiv:1909.13719), each by how far it goes from doing nothing."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from zoo.data.augment import filters, geometry, tables
from zoo.data.augment.steps import Adaptive, Filter, Step, Table
from zoo.sizes import Size

# A strength and (height, width) in pixels, to steps. Strengths: degrees, slopes, shares of the side, bits taken away,
# levels below 256, and how far a factor is from 1; 0 changes nothing. The first three have none.
# Translations go by whole pixels, which need no interpolation.
Operation = Callable[[float, Size], tuple[Step, ...]]

OPERATIONS: dict[str, Operation] = {
    "identity": lambda strength, size: (),
    "autocontrast": lambda strength, size: (Adaptive(tables.autocontrast),),
    "equalize": lambda strength, size: (Adaptive(tables.equalize),),
    "rotate": lambda strength, size: (geometry.rotation(strength),),
    "solarize": lambda strength, size: (Table(tables.solarize(256 - strength)),),
    "color": lambda strength, size: (Filter(partial(filters.color, factor=1 + strength)),),
    "posterize": lambda strength, size: (Table(tables.posterize(8 - round(strength))),),
    "contrast": lambda strength, size: (Adaptive(partial(tables.contrast, factor=1 + strength)),),
    "brightness": lambda strength, size: (Table(tables.brightness(1 + strength)),),
    "sharpness": lambda strength, size: (Filter(partial(filters.sharpness, factor=1 + strength)),),
    "shear_x": lambda strength, size: (geometry.shear_x(strength),),
    "shear_y": lambda strength, size: (geometry.shear_y(strength),),
    "translate_x": lambda strength, size: (geometry.translation(round(strength * size[1]), 0),),
    "translate_y": lambda strength, size: (geometry.translation(0, round(strength * size[0])),),
}
ONE_WAY = ("solarize", "posterize")  # the other strengths have either sign
