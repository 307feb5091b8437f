"""What can be done to one picture, in the kinds that the renderer fuses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeAlias, TypeVar

import numpy as np
from numpy.random import Generator


class Warp(NamedTuple):
    """A linear map of the plane, from a point in the result to the point in the picture that it shows.

    Points are in pixels from the picture's centre, x to the right and y down:
    ``(x, y)`` of the result shows ``(a x + b y + c, d x + e y + f)`` of the picture.
    """

    a: float = 1.0
    b: float = 0.0
    c: float = 0.0
    d: float = 0.0
    e: float = 1.0
    f: float = 0.0


class Table(NamedTuple):
    """A new value for each value of a pixel: ``(256,)`` uint8, or ``(256, 3)`` with a column a channel."""

    values: np.ndarray


class Adaptive(NamedTuple):
    """A table that depends on the picture: ``make`` takes its histogram, ``(256, 3)`` counts, to a table."""

    make: Callable[[np.ndarray], np.ndarray]


class Filter(NamedTuple):
    """Anything that mixes channels or neighbours: ``apply`` takes a picture ``(H, W, 3)`` uint8 to a new one."""

    apply: Callable[[np.ndarray], np.ndarray]


Step: TypeAlias = Warp | Table | Adaptive | Filter


Option = TypeVar("Option")


def between(random: Generator, low: float, high: float) -> float:
    """Draw evenly from ``low`` to ``high``."""
    return low + (high - low) * random.random()


def either_way(random: Generator, most: float) -> float:
    """Draw evenly from ``-most`` to ``most``."""
    return most * (2 * random.random() - 1)


def whole(random: Generator, fewest: int, most: int) -> int:
    """Draw a whole number from ``fewest`` to ``most``, both included."""
    return fewest + int((most - fewest + 1) * random.random())


def pick(random: Generator, options: Sequence[Option]) -> Option:
    """Draw one of several."""
    return options[int(len(options) * random.random())]
