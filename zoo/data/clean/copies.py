"""Copies of a picture: the same pixels, or nearly, in one split or in several."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from zoo.data.clean.finding import DROP, KEEP
from zoo.data.clean.patterns import TURNS, Patterns, grey, nearest_later, patterns, similarity, turn_picture
from zoo.data.clean.stack import Stack, Suspect
from zoo.data.clean.thresholds import Thresholds
from zoo.data.duplicates import group_copies
from zoo.data.images import CHUNK

Parts: TypeAlias = list[tuple[int, list[int]]]

COMPARED = 64  # pixels a side when near copies are checked on their grey levels


def find_copies(stack: Stack, checks: Iterable[str], thresholds: Thresholds) -> dict[str, list[Suspect]]:
    """Make the checks ``exact``, ``near`` and ``leak``, as far as they are asked for.

    Copies with one label are kept once, in the highest split; under several labels all go. For exact copies that
    is what :func:`zoo.data.drop_duplicates` does.
    """
    wanted = set(checks)
    found = patterns(stack, stack.firsts) if wanted & {"near", "leak"} else None
    pairs = np.zeros((2, 0), int) if found is None else _verified_pairs(stack, found, thresholds)
    groups = list(enumerate(_groups(stack, pairs)))
    parts = {
        "exact": [(number, part) for number, rows in groups for part in _same(stack, rows)],
        "near": [(number, part) for number, rows in groups for part in _alike(stack, rows)],
        "leak": [(number, rows) for number, rows in groups if _spans(stack, rows)],
    }
    return {check: _suspects(stack, made, found, check) for check, made in parts.items() if check in wanted}


def _verified_pairs(stack: Stack, found: Patterns, thresholds: Thresholds) -> np.ndarray:
    """Pairs of pictures that are near copies by their patterns and by their grey levels: ``(2, pairs)``."""
    partner, turn, cosine = nearest_later(found)
    first = np.flatnonzero(cosine >= thresholds.similarity)
    agree = [
        _correlations(stack, part, partner[part], turn[part]) >= thresholds.correlation
        for part in np.array_split(first, range(CHUNK, len(first), CHUNK))
    ]
    first = first[np.concatenate(agree)]
    return np.stack([first, partner[first]])


def _correlations(stack: Stack, first: np.ndarray, second: np.ndarray, turn: np.ndarray) -> np.ndarray:
    """Pearson's correlation of the grey levels of pairs of pictures, the second turned: ``(pairs,)``."""
    if not len(first):
        return np.zeros(0)
    one, other = (grey(stack.take(stack.firsts[part]), COMPARED) for part in (first, second))
    for number, how in enumerate(TURNS):
        other[turn == number] = turn_picture(other[turn == number], how)
    one, other = (part - part.mean(axis=(1, 2), keepdims=True) for part in (one, other))
    lengths = np.linalg.norm(one, axis=(1, 2)) * np.linalg.norm(other, axis=(1, 2))
    return np.asarray(np.einsum("nij,nij->n", one, other) / np.maximum(lengths, 1e-9))


def _groups(stack: Stack, pairs: np.ndarray) -> list[list[int]]:
    """The rows of each group of two copies and more, the largest first."""
    count = len(stack.pictures)
    joined = coo_matrix((np.ones(pairs.shape[1]), (pairs[0], pairs[1])), shape=(count, count))
    picture_groups = connected_components(joined, directed=False)[1]
    members: dict[int, list[int]] = {}
    for picture, number in enumerate(picture_groups.tolist()):
        members.setdefault(number, []).extend(stack.pictures[picture])
    groups = [sorted(rows) for rows in members.values() if len(rows) > 1]
    return sorted(groups, key=len, reverse=True)


def _same(stack: Stack, rows: Sequence[int]) -> list[list[int]]:
    """The parts of a group whose pixels are the same."""
    by_picture = [[rows[place] for place in places] for places in group_copies([stack.digests[row] for row in rows])]
    return [part for part in by_picture if len(part) > 1]


def _alike(stack: Stack, rows: Sequence[int]) -> list[list[int]]:
    """The parts of a group that lie in one split and hold more than one picture."""
    by_split = [[row for row in rows if stack.ranks[row] == rank] for rank in sorted(set(stack.ranks[rows].tolist()))]
    return [part for part in by_split if len({stack.digests[row] for row in part}) > 1]


def _spans(stack: Stack, rows: Sequence[int]) -> bool:
    return len(set(stack.ranks[rows].tolist())) > 1


def _suspects(stack: Stack, parts: Parts, found: Patterns | None, check: str) -> list[Suspect]:
    """Report copies, each beside the one that stays, and that one beside another."""
    pairs = [pair for _, part in parts for pair in zip(part, _partners(stack, part), strict=True)]
    counts = [float(len(part)) for _, part in parts for _ in part]
    scores = counts if check == "exact" or found is None else _similarities(stack, pairs, found)
    kept = {row for _, part in parts for row in _kept(stack, part, check)}
    notes = [note for number, part in parts for note in [(number, _note(stack, part))] * len(part)]
    return [
        Suspect(row=row, score=score, decision=KEEP if row in kept else DROP, note=note, group=number, partner=partner)
        for (row, partner), score, (number, note) in zip(pairs, scores, notes, strict=True)
    ]


def _similarities(stack: Stack, pairs: Sequence[tuple[int, int]], found: Patterns) -> list[float]:
    picture = {row: number for number, rows in enumerate(stack.pictures) for row in rows}
    first, second = (np.array([picture[pair[place]] for pair in pairs], int) for place in (0, 1))
    return [float(cosine) for cosine in similarity(found, first, second)]


def _kept(stack: Stack, rows: Sequence[int], check: str) -> list[int]:
    """Which copies stay: none under several labels; all in the highest of several splits; else the first there."""
    if len(set(stack.labels[rows].tolist())) > 1:
        return []
    top = max(stack.ranks[rows])
    highest = [row for row in rows if stack.ranks[row] == top]
    return highest if check == "leak" else highest[:1]


def _partners(stack: Stack, rows: Sequence[int]) -> list[int]:
    """Beside each row the first of the highest split; beside that one another split's, or the next."""
    first = max(rows, key=lambda row: (stack.ranks[row], -row))
    others = [row for row in rows if row != first]
    elsewhere = [row for row in others if stack.ranks[row] != stack.ranks[first]]
    return [first if row != first else (elsewhere or others)[0] for row in rows]


def _note(stack: Stack, rows: Sequence[int]) -> str:
    names = [stack.splits.classes[label] for label in sorted(set(stack.labels[rows].tolist()))]
    return f"{len(rows)} copies, " + ("all " + names[0] if len(names) == 1 else "under " + ", ".join(names))
