"""Stratified folds, by rows or by groups."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from ensembles.checks import check_count
from ensembles.rule import Array

if TYPE_CHECKING:
    from sklearn.model_selection import StratifiedKFold

TRIALS = 5  # divisions by groups, before each group is a fold


def usable_folds(labels: Array, folds: int, groups: Array | None = None) -> int:
    """Return how many folds, `folds` at most, can each hold a row, or a whole group, of every class that has rows."""
    values, counts = np.unique(labels, return_counts=True)
    if groups is not None:
        counts = np.array([len(np.unique(groups[labels == value])) for value in values])
    return min(folds, int(counts.min()))


def divided(labels: Array, folds: int, seed: int, groups: Array | None = None) -> list[tuple[Array, Array]]:
    """Return the rows of training and those held out of each of `usable_folds`, groups (samples,) kept whole.

    Every class that has rows has some to train on in each fold. Where shuffling does not find such folds by groups,
    each group is a fold.

    Raises:
        ValueError: Fewer than 2 folds are asked for or possible.
    """
    if groups is None:
        return list(stratified_folds(labels, folds, seed).split(labels, labels))
    check_count(folds, "folds", least=2)
    usable = usable_folds(labels, folds, groups)
    if min(usable, folds) < 2:
        raise ValueError(
            f"Expected at least 2 folds, and 2 groups of every class; received {folds} folds, and a class with "
            f"{usable}. Add groups, or leave groups out."
        )
    found = (parts for parts in _by_groups(labels, usable, seed, groups) if _has_every_class(labels, parts))
    return next(found)


def _by_groups(labels: Array, folds: int, seed: int, groups: Array) -> Iterator[list[tuple[Array, Array]]]:
    """Divide in several ways; the last one leaves every class that has two groups some to train on."""
    from sklearn.model_selection import LeaveOneGroupOut, StratifiedGroupKFold

    for trial in range(TRIALS):
        divider = StratifiedGroupKFold(folds, shuffle=True, random_state=seed + trial)
        yield list(divider.split(labels, labels, groups))
    yield list(LeaveOneGroupOut().split(labels, labels, groups))


def _has_every_class(labels: Array, parts: list[tuple[Array, Array]]) -> bool:
    count = len(np.unique(labels))
    return all(len(np.unique(labels[training])) == count for training, _ in parts)


def stratified_folds(labels: Array, folds: int, seed: int) -> "StratifiedKFold":
    """Return scikit-learn's shuffled `StratifiedKFold` with `usable_folds`.

    Raises:
        ValueError: Fewer than 2 folds are asked for or possible.
    """
    from sklearn.model_selection import StratifiedKFold

    check_count(folds, "folds", least=2)
    usable = usable_folds(labels, folds)
    if usable < 2:
        values, counts = np.unique(labels, return_counts=True)
        rarest = values[counts.argmin()]
        raise ValueError(
            f"Expected at least 2 rows of every class; received 1 of class {rarest}. Add rows or drop the class."
        )
    return StratifiedKFold(usable, shuffle=True, random_state=seed)
