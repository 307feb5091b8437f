"""Honest answers of rules that learn: every row combined by a rule that did not see it."""

from collections.abc import Callable
from copy import deepcopy
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from ensembles.rule import Array, Rule, check_rows

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
    """
    logits, labels = check_rows(logits, labels)
    combined = np.empty(logits.shape[1:], np.float32)
    for seen, held_out in stratified_folds(labels, folds, seed).split(labels, labels):
        fold_rule = rule() if callable(rule) else deepcopy(rule)
        fold_rule.fit(logits[:, seen], labels[seen])
        combined[held_out] = fold_rule.combine(logits[:, held_out])
    return combined


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
