"""Many pictures, each augmented from its own random numbers: the same whichever worker does it, and when."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import reduce
from numbers import Integral

import numpy as np
from numpy.random import Generator, Philox, SeedSequence

from zoo.augment import geometry, lookup_tables
from zoo.augment.orientation import SIDE, Moves, moves_of, restrained
from zoo.augment.policy import ENTRIES, Policy
from zoo.augment.steps import Adaptive, Filter, Step, Table, Warp
from zoo.utils.text import Size


def augment(pictures: np.ndarray, rows: np.ndarray, policy: Policy, seed: Sequence[int]) -> np.ndarray:
    """Augment pictures; each result depends on the policy, the seed, the picture and its number alone.

    Args:
        pictures: ``(n, H, W, 3)`` uint8 RGB of 0 to 255; they stay as they are.
        rows: ``(n,)`` integers of 0 or more, each picture's own number.
        policy: from :func:`zoo.augment.make_policy`.
        seed: integers of 0 or more, such as ``(seed, epoch)``.

    Returns:
        A new array ``(n, H, W, 3)`` uint8.

    Raises:
        ValueError: pictures, rows or a seed of another kind.
    """
    _check(pictures, rows, seed)
    if policy.is_identity:
        return np.array(pictures)
    size = (pictures.shape[1], pictures.shape[2])
    augmented = np.empty(pictures.shape, np.uint8)
    for picture, result, random in zip(pictures, augmented, _generators(rows, seed), strict=True):
        result[:] = render(np.ascontiguousarray(picture), draw_steps(random, size, policy))
    return augmented


def draw_steps(random: Generator, size: Size, policy: Policy) -> list[Step]:
    """Draw what is done to one picture of ``(height, width)`` pixels."""
    steps: list[Step] = []
    for stage in policy.stages:
        if random.random() < stage.share:
            steps += ENTRIES[stage.name].draw(random, size, stage)
    return restrained(steps, policy.flips)


def moves(policy: Policy) -> Moves:
    """Say how a policy makes images lie."""
    return moves_of(lambda random: draw_steps(random, (SIDE, SIDE), policy))


def _generators(rows: np.ndarray, seed: Sequence[int]) -> Iterator[Generator]:
    """Set one generator to each picture's own offset in the seed's stream, 2**64 blocks apart.

    A new generator a picture would take longer than a picture's table does.
    """
    bits = Philox(SeedSequence([len(seed), *seed]))
    start, random = bits.state, Generator(bits)
    for row in rows:
        start["state"]["counter"][1] = row
        bits.state = start
        yield random


def _check(pictures: np.ndarray, rows: np.ndarray, seed: Sequence[int]) -> None:
    if pictures.ndim != 4 or pictures.shape[3] != 3 or 0 in pictures.shape[1:] or pictures.dtype != np.uint8:
        received = f"{pictures.shape} {pictures.dtype}"
        raise ValueError(f"Expected pictures (n, H, W, 3) uint8; received {received}. Convert them to RGB of 0 to 255.")
    if rows.shape != pictures.shape[:1] or not np.issubdtype(rows.dtype, np.integer) or (rows < 0).any():
        received = f"{rows.shape} {rows.dtype}" + (f" from {rows.min()}" if rows.size else "")
        raise ValueError(
            f"Expected rows ({len(pictures)},), integers of 0 or more; received {received}."
            " Give each picture a number of its own."
        )
    if not len(seed) or not all(isinstance(number, Integral) and number >= 0 for number in seed):
        raise ValueError(f"Expected a seed of one integer or more, 0 or more each; received {seed!r}.")


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
    return lookup_tables.look_up(picture, _fused(picture, steps))


def _fused(picture: np.ndarray, steps: Sequence[Table | Adaptive]) -> np.ndarray:
    """Make one table of several; later ones see the histogram that the earlier ones leave."""
    fused, histogram = lookup_tables.AS_IT_IS, None
    for step in steps:
        if isinstance(step, Adaptive):
            histogram = lookup_tables.histogram_of(picture) if histogram is None else histogram
            table = step.make(lookup_tables.carry(histogram, fused))
        else:
            table = step.values
        fused = lookup_tables.then(fused, table)
    return fused
