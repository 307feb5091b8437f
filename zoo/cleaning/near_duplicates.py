"""Copies of a picture: the same pixels, or nearly, in one split or in several.

Likeness is not transitive: the frames of a video are each near the next, and the last is nothing like the first. So
groups are cut into one picture and those that are near that one itself, and what stays is the one.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from typing import TypeAlias

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from zoo.cleaning.all_splits import Stack, Suspect
from zoo.cleaning.findings import DROP, KEEP, Decision, Thresholds
from zoo.cleaning.likeness import Likeness
from zoo.cleaning.perceptual_hashes import patterns

logger = logging.getLogger(__name__)

Rows: TypeAlias = list[int]
Parts: TypeAlias = list[tuple[int, Rows]]


def find_copies(stack: Stack, checks: Iterable[str], thresholds: Thresholds) -> dict[str, list[Suspect]]:
    """Make the checks ``exact``, ``near`` and ``leak``, those of them that are requested.

    Copies with one label are kept once, in the highest split. The same pixels under several labels all go, which is
    what :func:`zoo.data.drop_duplicates` does; near copies under several labels are for the user to look at.
    """
    wanted = set(checks) & {"exact", "near", "leak"}
    found: dict[str, Parts] = {check: [] for check in wanted}
    likeness = _likeness(stack, thresholds) if wanted & {"near", "leak"} else None
    for number, rows in enumerate(_groups(stack, likeness)):
        parts = {"exact": _same(stack, rows)}
        if likeness is not None:
            parts |= {"near": _near(likeness, rows), "leak": _stars(likeness, rows, across=True)}
        for check in wanted:
            found[check] += [(number, part) for part in parts[check]]
    return {check: _suspects(stack, parts, likeness, check) for check, parts in found.items()}


def _likeness(stack: Stack, thresholds: Thresholds) -> Likeness:
    logger.info("copies: reading the patterns of %d pictures", len(stack.firsts))
    return Likeness(stack, patterns(stack, stack.firsts), thresholds)


def _groups(stack: Stack, likeness: Likeness | None) -> list[Rows]:
    """The rows of each group of two copies and more, the largest first."""
    pairs = np.zeros((2, 0), int) if likeness is None else likeness.pairs()
    count = len(stack.pictures)
    joined = coo_matrix((np.ones(pairs.shape[1]), (pairs[0], pairs[1])), shape=(count, count))
    members: dict[int, Rows] = {}
    for picture, number in enumerate(connected_components(joined, directed=False)[1].tolist()):
        members.setdefault(number, []).extend(stack.pictures[picture])
    return sorted((sorted(rows) for rows in members.values() if len(rows) > 1), key=len, reverse=True)


def _first_in_highest(stack: Stack, rows: Iterable[int]) -> Rows:
    return sorted(rows, key=lambda row: (-stack.ranks[row], row))


def _same(stack: Stack, rows: Rows) -> list[Rows]:
    """The parts of a group whose pixels are the same."""
    pictures = dict.fromkeys(stack.picture[rows].tolist())
    return [_first_in_highest(stack, stack.pictures[number]) for number in pictures if len(stack.pictures[number]) > 1]


def _near(likeness: Likeness, rows: Rows) -> list[Rows]:
    """The parts of a group that lie in one split and hold more than one picture."""
    stack = likeness.stack
    by_split = [[row for row in rows if stack.ranks[row] == rank] for rank in np.unique(stack.ranks[rows])]
    stars = [star for part in by_split for star in _stars(likeness, part, across=False)]
    return [star for star in stars if len(set(stack.picture[star].tolist())) > 1]


def _stars(likeness: Likeness, rows: Rows, *, across: bool) -> list[Rows]:
    """Cut a group into rows and what is a copy of each, in no other part; rows without a copy are left out.

    Args:
        likeness: finds the copies.
        rows: the group's.
        across: take copies in lower splits only: what lies in the highest one stays.
    """
    stack, stars = likeness.stack, []
    free = _first_in_highest(stack, rows)
    while free and not (across and stack.ranks[free[0]] == stack.ranks[free[-1]]):
        first, *free = free
        others = np.array([row for row in free if not across or stack.ranks[row] < stack.ranks[first]], int)
        copies = others[likeness.alike(np.repeat(stack.picture[first], len(others)), stack.picture[others])].tolist()
        if copies:
            stars.append([first, *copies])
            taken = set(copies)
            free = [row for row in free if row not in taken]
    return stars


def _suspects(stack: Stack, parts: Parts, likeness: Likeness | None, check: str) -> list[Suspect]:
    """Report copies, each beside the first of its part, and that one beside another."""
    rows, partners = np.array([pair for _, part in parts for pair in _pairs(stack, part)], int).reshape(-1, 2).T
    scores = np.array([len(part) for _, part in parts for _ in part], float)
    if check != "exact" and likeness is not None:
        scores = likeness.cosines(stack.picture[rows], stack.picture[partners])
    noted = [(number, _note(stack, part), decision) for number, part in parts for decision in _decide(stack, part)]
    return [
        Suspect(row=row, score=score, decision=decision, note=note, group=number, partner=partner)
        for row, partner, score, (number, note, decision) in zip(
            rows.tolist(), partners.tolist(), scores.tolist(), noted, strict=True
        )
    ]


def _pairs(stack: Stack, part: Rows) -> list[tuple[int, int]]:
    """Beside each row the first; beside that one another split's, or the next."""
    first, *others = part
    elsewhere = [row for row in others if stack.ranks[row] != stack.ranks[first]]
    return [(first, (elsewhere or others)[0]), *((row, first) for row in others)]


def _decide(stack: Stack, part: Rows) -> list[Decision]:
    """Of pictures under several labels all go; of near copies that disagree no others; else all but the first."""
    torn = stack.contradictory[part]
    agree = not torn.any() and len(set(stack.labels[part].tolist())) == 1
    return [DROP if bad or (agree and index > 0) else KEEP for index, bad in enumerate(torn.tolist())]


def _note(stack: Stack, part: Sequence[int]) -> str:
    names = [stack.splits.classes[label] for label in sorted(set(stack.labels[part].tolist()))]
    return f"{len(part)} copies, " + ("all " + names[0] if len(names) == 1 else "under " + ", ".join(names))
