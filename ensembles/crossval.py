"""Honest answers of rules that learn: every row combined by a rule that did not see it."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from ensembles.rule import Array, Rule, check_rows, check_rule

if TYPE_CHECKING:
    from sklearn.model_selection import StratifiedKFold


def out_of_fold(
    rule: Rule | Callable[[], Rule], logits: ArrayLike, labels: ArrayLike, folds: int = 5, seed: int = 0
) -> Array:
    """Combine every row by a copy of the rule that was fitted on the other folds only.

    Scores of what this returns are honest scores of a learned rule; those on the rows of its own `fit` are
    not. `rule`, fitted or not, is left as it is; a function or class that makes rules will do too. Folds are
    stratified, shuffled by `seed`, and as many as the rarest class has rows where that is fewer.

    `logits` (members, samples, classes) floating, `labels` (samples,) integers; returns (samples, classes)
    float32.

    Raises:
        ValueError: fewer than 2 folds, asked for or possible, and whatever the rule's `fit` raises.
        TypeError: no rule.
    """
    logits, labels = check_rows(logits, labels)
    return cross_fit(rule, logits, labels, folds, seed).combine(logits)


@dataclass(frozen=True, eq=False)
class CrossFitted:
    """A rule in copies, each fitted without some of the rows, for the rows that it did not see.

    Other versions of what the rows are of, such as logits of corrupted images, are combined as honestly as the
    logits that the copies were fitted on.

    Attributes:
        rules: the copies.
        fold: (samples,) which copy has not seen each row.
    """

    rules: tuple[Rule, ...]
    fold: Array

    def combine(self, logits: Array) -> Array:
        """Combine (members, samples, classes) to (samples, classes) float32, every row by the copy for it."""
        combined = np.empty(logits.shape[1:], np.float32)
        for number in np.unique(self.fold):
            rows = self.fold == number
            combined[rows] = self.rules[number].combine(logits.compress(rows, axis=1))
        return combined

    def of(self, rows: Array) -> "CrossFitted":
        """Keep some rows, by index."""
        return CrossFitted(self.rules, self.fold[rows])


def cross_fit(
    rule: Rule | Callable[[], Rule], logits: ArrayLike, labels: ArrayLike, folds: int = 5, seed: int = 0
) -> CrossFitted:
    """Fit copies of a rule on all folds but one each; arguments and errors are those of `out_of_fold`."""
    logits, labels = check_rows(logits, labels)
    if not callable(rule):
        check_rule(rule)
    copies, fold = [], np.empty(len(labels), int)
    for number, (seen, held_out) in enumerate(stratified_folds(labels, folds, seed).split(labels, labels)):
        copy = rule() if callable(rule) else deepcopy(rule)
        copies.append(copy.fit(logits.take(seen, axis=1), labels[seen]))  # indexing would put rows first in memory
        fold[held_out] = number
    return CrossFitted(tuple(copies), fold)


def settled(rule: Rule) -> Rule:
    """The rule, unfitted, with the penalty, or the choice of a rule, that its fit made by cross-validation.

    Copies of it fit quickly, for they do not search again. They have not seen the rows that they answer, but the choice
    has: good enough to calibrate by, and not for a score.
    """
    made: Rule = rule.settled() if hasattr(rule, "settled") else rule
    return made


def usable_folds(labels: Array, folds: int) -> int:
    """Return how many folds can each hold a row of every class present."""
    _, counts = np.unique(labels, return_counts=True)
    return min(folds, int(counts.min()))


def stratified_folds(labels: Array, folds: int, seed: int) -> "StratifiedKFold":
    """Return scikit-learn's shuffled `StratifiedKFold` of `usable_folds`.

    Raises:
        ValueError: fewer than 2 folds, asked for or possible.
    """
    from sklearn.model_selection import StratifiedKFold

    if folds < 2:
        raise ValueError(f"expected at least 2 folds, received {folds}")
    usable = usable_folds(labels, folds)
    if usable < 2:
        values, counts = np.unique(labels, return_counts=True)
        rarest = values[counts.argmin()]
        raise ValueError(f"expected at least 2 rows of every class, received 1 of class {rarest}; add rows or drop it")
    return StratifiedKFold(usable, shuffle=True, random_state=seed)
