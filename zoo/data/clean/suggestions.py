"""What not to suggest: decisions that would take good images with the bad ones, left to the user instead.

A check knows what is unusual, not what is wrong. A rare class is unusual as a whole, and what is hard in a validation
or test split is what a score is for.
"""

from __future__ import annotations

import logging
from dataclasses import replace

import numpy as np

from zoo.data.clean.finding import DROP, KEEP
from zoo.data.clean.stack import Stack, Suspect

logger = logging.getLogger(__name__)

JUDGED = ("outlier", "label")  # by what is usual; copies can be seen
SHARE = 0.2  # of a class in a split: the most that one check suggests to drop


def suggest(stack: Stack, check: str, suspects: list[Suspect]) -> list[Suspect]:
    """Make ``keep`` of the decisions ``drop`` that a user has to look at first; the note says why.

    Those are outliers and labels outside the training split, and all of a class in a split, if one check would drop
    more than a fifth of it. Exact copies are left as they are: they are of no use, however many.
    """
    if check == "exact":
        return suspects
    if check in JUDGED:
        held_out = {one.row for one in suspects if stack.ranks[one.row] > 0}
        suspects = _kept(suspects, held_out, "held out")
    many = _of_shrunk_classes(stack, check, [one.row for one in suspects if one.decision == DROP])
    return _kept(suspects, many, "too many of the class")


def _kept(suspects: list[Suspect], rows: set[int], why: str) -> list[Suspect]:
    return [
        replace(one, decision=KEEP, note=f"{one.note}; {why}".removeprefix("; "))
        if one.decision == DROP and one.row in rows
        else one
        for one in suspects
    ]


def _of_shrunk_classes(stack: Stack, check: str, dropped: list[int]) -> set[int]:
    """The rows to drop whose class would lose more than the share in their split."""
    classes = len(stack.splits.classes)
    place = stack.ranks * classes + stack.labels
    total = np.bincount(place)
    lost = np.bincount(place[dropped], minlength=len(total))
    shrunk = np.flatnonzero(lost > SHARE * total)
    for number in shrunk.tolist():
        split, name = stack.splits.items()[number // classes][0], stack.splits.classes[number % classes]
        logger.warning(
            "%s: %d of %d %s images of %s would go; it is suggested to keep them, so look at them",
            *(check, lost[number], total[number], split, name),
        )
    return {row for row in dropped if place[row] in shrunk}
