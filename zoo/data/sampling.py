"""Which rows an epoch reads, where classes differ in size.

Buda, Maki and Mazurowski compare the ways (arXiv:1710.05381).
"""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np

Imbalance = Literal["none", "undersample", "class_weights", "balanced_sampling", "offline"]
IMBALANCE: tuple[str, ...] = get_args(Imbalance)


def epoch_length(labels: np.ndarray, classes: int, how: str) -> int:
    """Count the rows of an epoch, which is the same in every epoch.

    Args:
        labels: ``(N,)`` int64 of 0 to ``classes - 1``, the class of each row.
        classes: how many classes there are; one without rows counts for nothing.
        how: one of ``IMBALANCE``.

    Raises:
        ValueError: a way that is not known.
    """
    _check(how)
    if how != "undersample" or not len(labels):
        return len(labels)
    counts = [len(rows) for rows in _rows_by_class(labels, classes)]
    return len(counts) * min(counts)


def epoch_order(labels: np.ndarray, classes: int, how: str, random: np.random.Generator) -> np.ndarray:
    """Draw the rows of one epoch, shuffled: ``(epoch_length(labels, classes, how),)`` int64.

    ``undersample`` reads as many rows of every class as the smallest has. ``balanced_sampling`` reads as many rows as
    there are, of every class the same number to within one, and a row again only after all others of its class. The
    rest read every row once: ``class_weights`` weighs the loss, and ``offline`` has added images beforehand.

    Args:
        labels: ``(N,)`` int64 of 0 to ``classes - 1``, the class of each row.
        classes: how many classes there are; one without rows is left out.
        how: one of ``IMBALANCE``.
        random: what is drawn from, one an epoch: the same state gives the same rows.

    Raises:
        ValueError: a way that is not known.
    """
    total = epoch_length(labels, classes, how)
    if how not in ("undersample", "balanced_sampling") or not total:
        return random.permutation(len(labels))
    groups = _rows_by_class(labels, classes)
    shares = _shares(total, len(groups), random)
    return random.permutation(np.concatenate([_draw(*pair, random) for pair in zip(groups, shares, strict=True)]))


def repeats(order: np.ndarray) -> np.ndarray:
    """Count for each row of an epoch how often it came before: ``(N,)`` int64, all 0 where no row comes twice."""
    positions = np.argsort(order, kind="stable")
    arranged = order[positions]
    counted = np.empty(len(order), np.int64)
    counted[positions] = np.arange(len(order)) - np.searchsorted(arranged, arranged)
    return counted


def _rows_by_class(labels: np.ndarray, classes: int) -> list[np.ndarray]:
    groups = [np.flatnonzero(labels == label) for label in range(classes)]
    return [rows for rows in groups if len(rows)]


def _shares(total: int, groups: int, random: np.random.Generator) -> np.ndarray:
    """Divide the epoch equally; what is left over goes to classes drawn anew, so that none gains in the long run."""
    shares = np.full(groups, total // groups)
    shares[random.permutation(groups)[: total % groups]] += 1
    return shares


def _draw(rows: np.ndarray, count: int, random: np.random.Generator) -> np.ndarray:
    rounds = [random.permutation(rows) for _ in range(-(-count // len(rows)))]
    return np.concatenate([rows[:0], *rounds])[:count]


def _check(how: str) -> None:
    if how not in IMBALANCE:
        raise ValueError(f"Expected the way against imbalance as one of {', '.join(IMBALANCE)}; received {how!r}.")
