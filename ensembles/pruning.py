"""Members that can be left out without a loss, by paired intervals (pruning of ensembles, Caruana et al. 2004)."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from math import ceil, log

import numpy as np

from ensembles.bootstrap import Interval, difference
from ensembles.nested_crossval import nested_predictions
from ensembles.rule import Array

Members = tuple[int, ...]
Predict = Callable[[Members], Array]

ALLOWED = 0.005
"""Balanced accuracy that may be lost by an interval of 95 % and counts as nothing."""


@dataclass(frozen=True)
class Pruning:
    """Which members to keep, and what that costs.

    Attributes:
        kept: Indices of the members to keep, in order.
        removal: By index of each kept member, the change of balanced accuracy without it, for those that were tried.
        difference: The change of balanced accuracy by this way of pruning, on rows that had no say in it; None where
            no member could go, or a class has too few rows for folds.
        refused: Indices of the members that could go by all rows, but not by that difference.
    """

    kept: Members
    removal: dict[int, Interval]
    difference: Interval | None
    refused: Members = ()


def prune(
    predict: Predict,
    costs: Sequence[float],
    labels: Array,
    *,
    groups: Array | None = None,
    needed: Collection[int] = (),
    least: int = 1,
    allowed: float = ALLOWED,
) -> Pruning:
    """Leave members out, one after another, as long as that costs nothing.

    A member goes if by the paired 95 % interval balanced accuracy without it is at most `allowed` lower and not surely
    lower, and log loss not surely higher. This holds against all members, so that small losses do not add up, and
    against those that are still there. The most expensive member that may go is the first. Fewer rows than show so
    small a loss (`fewest_rows`) leave no member out, but one without which every prediction is the same.

    In the end the whole search is tried on rows that had no say in it (`nested_predictions`). If it loses there, no
    member goes.

    Args:
        predict: What some members, by index, predict together, (samples, classes) logits, out of fold.
        costs: Of each member, such as its parameters, (members,).
        labels: The class ids, (samples,).
        groups: What each row is of, (samples,), such as a patient, or None.
        needed: Indices of members that stay.
        least: How many stay at least.
        allowed: The loss of balanced accuracy that counts as nothing.

    Examples:
        >>> random, labels = np.random.default_rng(0), np.arange(900) % 3
        >>> good = random.normal(size=(2, 900, 3)) + 6 * np.eye(3)[labels]
        >>> members = np.concatenate([good, random.normal(size=(1, 900, 3))])  # the last one knows nothing
        >>> prune(lambda some: members[list(some)].mean(axis=0), [1, 1, 1], labels, needed=[0, 1]).kept
        (0, 1)
    """
    search = _Search(predict, costs, labels, groups, needed, least, allowed)
    kept, removal = search.eliminate(np.arange(len(labels)))
    if len(kept) == len(costs):
        return Pruning(kept, removal, None)
    honest = nested_predictions(lambda rows: search.eliminate(rows)[0], predict, labels, groups=groups)
    everyone = predict(tuple(range(len(costs))))
    gain = None if honest is None else difference(honest, everyone, labels, "balanced_accuracy", groups=groups)
    if gain is not None and not _is_nothing(gain, allowed):
        gone = tuple(member for member in range(len(costs)) if member not in kept)
        return Pruning(tuple(range(len(costs))), removal, gain, gone)
    return Pruning(kept, removal, gain)


def _is_nothing(gain: Interval, allowed: float) -> bool:
    return gain.low >= -allowed and gain.high >= 0


def fewest_rows(allowed: float = ALLOWED) -> int:
    """Return how many rows, all predicted alike, are needed to be 95 % sure that at most this share differs."""
    return ceil(log(0.05) / log(1 - allowed))


@dataclass(frozen=True)
class _Search:
    predict: Predict
    costs: Sequence[float]
    labels: Array
    groups: Array | None
    needed: Collection[int]
    least: int
    allowed: float

    def eliminate(self, rows: Array) -> tuple[Members, dict[int, Interval]]:
        """Return which members stay by some rows, and of those that may not go what they would cost."""
        kept = tuple(range(len(self.costs)))
        while True:
            gone, removal = self._next(kept, rows)
            if gone is None:
                return kept, removal
            kept = tuple(member for member in kept if member != gone)

    def _next(self, kept: Members, rows: Array) -> tuple[int | None, dict[int, Interval]]:
        removal: dict[int, Interval] = {}
        if len(kept) <= self.least:
            return None, removal
        for member in sorted(set(kept) - set(self.needed), key=lambda member: (-self.costs[member], member)):
            without = tuple(other for other in kept if other != member)
            removal[member] = self._gain(without, kept, rows, "balanced_accuracy")
            if self._costs_nothing(without, kept, rows, removal[member]):
                return member, removal
        return None, removal

    def _costs_nothing(self, without: Members, kept: Members, rows: Array, gain: Interval) -> bool:
        if np.array_equal(self.predict(without)[rows], self.predict(kept)[rows]):
            return True
        everyone = tuple(range(len(self.costs)))
        units = len(rows) if self.groups is None else len(np.unique(self.groups[rows]))
        if units < fewest_rows(self.allowed) or not _is_nothing(gain, self.allowed):
            return False
        if not _is_nothing(self._gain(without, everyone, rows, "balanced_accuracy"), self.allowed):
            return False
        return all(self._gain(without, others, rows, "log_loss").low <= 0 for others in {kept, everyone})

    def _gain(self, some: Members, others: Members, rows: Array, score: str) -> Interval:
        groups = None if self.groups is None else self.groups[rows]
        own, theirs = self.predict(some)[rows], self.predict(others)[rows]
        return difference(own, theirs, self.labels[rows], score, groups=groups)  # type: ignore[arg-type]
