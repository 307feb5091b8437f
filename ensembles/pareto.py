"""Candidates that differ in score and in cost: which none beats in both, and the best within a limit."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from ensembles.bootstrap import Interval, row_scores, share_interval
from ensembles.nested_crossval import nested_predictions
from ensembles.rule import Array


def pareto_front(scores: ArrayLike, costs: ArrayLike) -> Array:
    """Mark the candidates that no other one beats: with no lower score, no higher cost of any kind, and one better.

    Args:
        scores: Higher is better, (candidates,).
        costs: Lower is better, (candidates, kinds).

    Returns:
        A mask (candidates,) of bools. Of equal candidates all are marked.

    Examples:
        >>> pareto_front([0.9, 0.8, 0.95], [[2.0], [3.0], [4.0]])
        array([ True, False,  True])
    """
    values = np.column_stack([np.asarray(scores, float), -np.asarray(costs, float)])
    no_worse = (values[:, None] >= values[None]).all(axis=2)  # [a, b]: a is no worse than b
    better = (values[:, None] > values[None]).any(axis=2)
    return np.logical_not((no_worse & better).any(axis=0))


@dataclass(frozen=True, eq=False)
class Contest:
    """Candidates on the same rows.

    Attributes:
        predictions: Logits (samples, classes) of each candidate, out of fold where rules learn.
        labels: The class ids, (samples,).
        groups: What each row is of, (samples,), or None.
    """

    predictions: Sequence[Array]
    labels: Array
    groups: Array | None = None

    @cached_property
    def right(self) -> Array:
        """Whether each candidate is right on each row, (candidates, samples) of 0 and 1."""
        return np.stack([row_scores(own, self.labels, "balanced_accuracy") for own in self.predictions])

    @cached_property
    def losses(self) -> Array:
        """The log loss of each candidate on each row, (candidates, samples)."""
        return np.stack([row_scores(own, self.labels, "log_loss") for own in self.predictions])

    def scores(self, rows: Array | None = None) -> Array:
        """The balanced accuracy of each candidate on some rows, (candidates,)."""
        rows = np.arange(len(self.labels)) if rows is None else rows
        labels = self.labels[rows]
        means: Array = np.mean(
            [self.right[:, rows[labels == value]].mean(axis=1) for value in np.unique(labels)], axis=0
        )
        return means

    def best(self, allowed: Sequence[int], rows: Array | None = None) -> int:
        """Choose among some candidates by balanced accuracy, of equal ones by log loss, on some rows; by index.

        Raises:
            ValueError: There is none to choose among.
        """
        rows = np.arange(len(self.labels)) if rows is None else rows
        scores, losses = self.scores(rows).round(9).tolist(), self.losses[:, rows].mean(axis=1).tolist()
        return min(allowed, key=lambda candidate: (-scores[candidate], losses[candidate]))

    def score_of_choice(self, allowed: Sequence[int]) -> Interval | None:
        """The balanced accuracy of `best`, every row predicted by what the other folds chose; None without folds."""
        chosen = nested_predictions(
            lambda rows: self.best(allowed, rows),
            lambda candidate: self.predictions[candidate],
            self.labels,
            groups=self.groups,
        )
        return None if chosen is None else self.interval(chosen)

    def interval(self, predictions: Array) -> Interval:
        """The balanced accuracy of some predictions with its 95 % interval."""
        right = row_scores(predictions, self.labels, "balanced_accuracy")
        return share_interval(right, self.labels, groups=self.groups)
