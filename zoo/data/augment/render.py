"""Steps to pixels, in as few passes as there can be."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

import numpy as np

from zoo.data.augment import geometry, tables
from zoo.data.augment.steps import Adaptive, Filter, Step, Table, Warp


def render(picture: np.ndarray, steps: Sequence[Step]) -> np.ndarray:
    """Apply steps to a picture ``(H, W, 3)`` uint8; without any, the result is the picture itself.

    All moves come first, as one, wherever they are among the steps: the picture is interpolated once. The other steps
    follow in their order, tables that meet as one.
    """
    moves = [step for step in steps if isinstance(step, Warp)]
    picture = geometry.warp(picture, reduce(geometry.then, moves, geometry.AS_IT_IS))
    waiting: list[Table | Adaptive] = []
    for step in steps:
        if isinstance(step, Filter):
            picture = step.apply(_look_up(picture, waiting))
            waiting = []
        elif not isinstance(step, Warp):
            waiting.append(step)
    return _look_up(picture, waiting)


def _look_up(picture: np.ndarray, steps: Sequence[Table | Adaptive]) -> np.ndarray:
    if not steps:
        return picture
    return tables.look_up(picture, _fused(picture, steps))


def _fused(picture: np.ndarray, steps: Sequence[Table | Adaptive]) -> np.ndarray:
    """Make one table of several; later ones see the histogram that the earlier ones leave."""
    fused, histogram = tables.AS_IT_IS, None
    for step in steps:
        if isinstance(step, Adaptive):
            histogram = tables.histogram_of(picture) if histogram is None else histogram
            table = step.make(tables.carry(histogram, fused))
        else:
            table = step.values
        fused = tables.then(fused, table)
    return fused
