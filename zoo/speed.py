"""How many images a second members answer: figures of the machine that measured them, and of that one alone."""

from __future__ import annotations

from collections.abc import Collection
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np

from zoo.member import PREDICTION_BATCH

if TYPE_CHECKING:
    from zoo.data.images import Images
    from zoo.member import Member

BATCHES = 3  # timed, after one that is not


def images_per_second(member: Member, images: Images) -> float:
    """Measure a member's prediction on this machine, from uint8 images to logits, in images/s.

    A first batch, which compiles, is not timed. Of a few more the fastest counts: what makes one slower than another is
    other work on the machine. Batches are as large as those of :meth:`Member.logits`, so a handful of images is
    shown more than once.
    """
    batch = images.subset(np.arange(PREDICTION_BATCH) % len(images))
    with member.opened():
        member.logits(batch)
        return PREDICTION_BATCH / min(_seconds(member, batch) for _ in range(BATCHES))


def in_turn(speeds: Collection[float | None]) -> float | None:
    """Return the images/s of members that answer one after another; None where one was not measured."""
    known = [speed for speed in speeds if speed is not None]
    return 1 / sum(1 / speed for speed in known) if known and len(known) == len(speeds) else None


def _seconds(member: Member, batch: Images) -> float:
    start = perf_counter()
    member.logits(batch)
    return perf_counter() - start
