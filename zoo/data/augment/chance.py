"""Draws from a random generator, made of its uniform numbers alone: its other methods are several times slower."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from numpy.random import Generator

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
