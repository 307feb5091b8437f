"""Left and right, up and down: which mirror images and turns a policy may make, and which it makes.

A half turn is both flips, so that whoever keeps left and right has to limit the turns too.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from math import atan2, degrees, hypot
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from zoo.augment import geometry
from zoo.augment.steps import Step, Warp

if TYPE_CHECKING:
    from collections.abc import Callable

Flips = Literal["policy", "none", "horizontal", "vertical", "both"]
FLIPS: tuple[str, ...] = get_args(Flips)
AS_POLICY = "policy"  # whatever the policy does
FREE = (AS_POLICY, "both")
MOST_TURN = 15.0  # degrees
DRAWS, SIDE = 300, 64  # by which a policy is described
NEAR = 1e-6


def restrained(steps: Iterable[Step], flips: str) -> list[Step]:
    """Leave out the flips that are not wanted, and turn by 15 degrees at most where not both of them are.

    Each rotation is made smaller; then whatever turns the picture further than that, together with the moves before it,
    is left out, be it one more rotation or a shear.

    Args:
        steps: as a policy draws them.
        flips: one of ``FLIPS``.
    """
    if flips in FREE:
        return list(steps)
    kept: list[Step] = []
    lies = geometry.AS_IT_IS
    for step in steps:
        move = _restrained(step, flips) if isinstance(step, Warp) else None
        if move is not None and _turn(geometry.then(lies, move)) > MOST_TURN + NEAR:
            continue
        lies = lies if move is None else geometry.then(lies, move)
        kept.append(step if move is None else move)
    return kept


def _restrained(move: Warp, flips: str) -> Warp:
    if move in geometry.FLIPS:
        return Warp(a=move.a if flips == "horizontal" else 1.0, e=move.e if flips == "vertical" else 1.0)
    turns = abs(move.a - move.e) + abs(move.b + move.d) + abs(hypot(move.a, move.d) - 1) < NEAR
    if not turns or move.b == move.d == 0:
        return move
    # What is left of the angle keeps small turns as they are, and even ones even.
    angle = (degrees(atan2(move.d, move.a)) + MOST_TURN) % (2 * MOST_TURN) - MOST_TURN
    return geometry.rotation(angle)


@dataclass(frozen=True)
class Moves:
    """What a policy does to an image's orientation.

    Attributes:
        mirrors: left and right change sides in some images, by a flip or together with a turn.
        overturns: some stand on their heads.
        turn: by how many degrees it turns, at most, beside that: up to 90.
    """

    mirrors: bool
    overturns: bool
    turn: float

    def __str__(self) -> str:
        told = ["mirrors images"] * self.mirrors + ["turns them upside down"] * self.overturns
        if self.turn > NEAR:
            told.append("turns them by any angle" if self.turn > 85 else f"turns them by up to {self.turn:.0f} degrees")
        return " and ".join(told) or "neither mirrors nor turns images"


def moves_of(draw: Callable[[np.random.Generator], Iterable[Step]]) -> Moves:
    """Draw some hundred times, and see how the images come to lie.

    Args:
        draw: draws the steps of one image.
    """
    drawn = [draw(np.random.default_rng([seed])) for seed in range(DRAWS)]
    moves = [
        reduce(geometry.then, [step for step in steps if isinstance(step, Warp)], geometry.AS_IT_IS) for steps in drawn
    ]
    overturns = any(_angle(move) > 90 for move in moves)
    return Moves(any(map(_mirrors, moves)), overturns, max(map(_turn, moves)))


def _mirrors(move: Warp) -> bool:
    return move.a * move.e - move.b * move.d < 0


def _angle(move: Warp) -> float:
    """The nearest rotation's angle in degrees, of what is mirrored after a flip back: 0 to 180."""
    sign = -1 if _mirrors(move) else 1
    return abs(degrees(atan2(move.d - sign * move.b, sign * move.a + move.e)))


def _turn(move: Warp) -> float:
    """The same beside whole half turns: 0 to 90."""
    return min(_angle(move), 180 - _angle(move))
