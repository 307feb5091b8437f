"""Out-of-fold predictions of rules that learn: every row is combined by a rule that was fitted without it."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from ensembles.fit_keys import key_of
from ensembles.folds import divided
from ensembles.input_warnings import without_warnings
from ensembles.remembered import fit_once, recalled
from ensembles.rule import Array, Rule, check_logits, check_rows, check_rule
from ensembles.serialization import from_dict, to_dict
from ensembles.shares import numbered

Singles: TypeAlias = bool | Literal["train"]


def out_of_fold(
    rule: Rule | Callable[[], Rule],
    logits: ArrayLike,
    labels: ArrayLike,
    folds: int = 5,
    seed: int = 0,
    *,
    groups: ArrayLike | None = None,
    singles: Singles = False,
) -> Array:
    """Combine every row by a copy of the rule that was fitted on the other folds only.

    Scores of the result are unbiased for a learned rule; scores on the rows of its own `fit` are too good.

    Args:
        rule: A rule, fitted or not, which is not changed; or a class or function that makes rules.
        logits: The members' logits, (members, samples, classes) floating-point.
        labels: The class ids, (samples,) integers.
        folds: The number of stratified folds, 2 or more; fewer are made where the rarest class has fewer rows.
        seed: The seed of the shuffling before rows are assigned to folds.
        groups: What each row is of, (samples,), such as a patient: rows of one group stay in one fold, so that none is
            combined by a rule that was fitted on others of them. None where each row is by itself.
        singles: Take classes of one row too: the copy that combines this row was fitted without its class, so its score
            is rather too low. With "train" every copy is fitted on this row too, as rules that need every class must
            be, so its score is too good. Of no effect with groups.

    Returns:
        Logits (samples, classes) float32.

    Raises:
        ValueError: Fewer than 2 folds are asked for or possible, or the rule's `fit` raises it.
        TypeError: `rule` is not a rule, or arrays have other dtypes than those above.

    Examples:
        >>> from ensembles import Stacked, metrics
        >>> random, labels = np.random.default_rng(0), np.arange(60) % 2
        >>> logits = random.normal(size=(60, 60, 2))  # 60 members that have learned nothing
        >>> rule = Stacked(strength=0.01).fit(logits, labels)
        >>> metrics.accuracy(rule.combine(logits), labels)  # on the rows of the fit
        1.0
        >>> metrics.accuracy(out_of_fold(rule, logits, labels), labels) < 0.7
        True
    """
    logits, labels = check_rows(logits, labels)
    with without_warnings():
        return cross_fit(rule, logits, labels, folds, seed, groups=groups, singles=singles).combine(logits)


@dataclass(frozen=True, eq=False)
class CrossFitted:
    """Copies of a rule, each fitted without one fold, and which copy predicts which row.

    Copies also combine other versions of the same rows, such as logits of corrupted images, without having seen them.

    Attributes:
        rules: The fitted copies.
        fold: The index of the copy for each row, (samples,) integers.
    """

    rules: tuple[Rule, ...]
    fold: Array

    def combine(self, logits: ArrayLike) -> Array:
        """Combine logits (members, samples, classes) to (samples, classes) float32, every row by its copy.

        Raises:
            ValueError: Rows are not those of `fold`, or a copy refuses the logits.
            TypeError: Logits are not floating-point.
        """
        logits = check_logits(logits)
        if logits.shape[1] != len(self.fold):
            raise ValueError(
                f"Expected the {len(self.fold)} rows that the copies were fitted on; received {logits.shape[1]}. "
                "Pass them in the same order, or select copies with of(rows)."
            )
        combined = np.empty(logits.shape[1:], np.float32)
        for number in np.unique(self.fold):
            rows = self.fold == number
            combined[rows] = self.rules[number].combine(logits.compress(rows, axis=1))
        return combined

    def of(self, rows: Array) -> "CrossFitted":
        """Select rows by index."""
        return CrossFitted(self.rules, self.fold[rows])


def cross_fit(
    rule: Rule | Callable[[], Rule],
    logits: ArrayLike,
    labels: ArrayLike,
    folds: int = 5,
    seed: int = 0,
    *,
    groups: ArrayLike | None = None,
    singles: Singles = False,
) -> CrossFitted:
    """Fit one copy of a rule for each fold, on the rows of the other folds.

    Arguments and errors are those of `out_of_fold`.

    Examples:
        >>> from ensembles import Weighted
        >>> logits, labels = np.random.default_rng(0).normal(size=(3, 40, 2)), np.arange(40) % 2
        >>> copies = cross_fit(Weighted(), logits, labels)
        >>> len(copies.rules), copies.combine(logits + 0.1).shape
        (5, (40, 2))
    """
    logits, labels = check_rows(logits, labels)
    units = None if groups is None else numbered(groups, len(labels), "groups")
    if callable(rule):
        return _cross_fit(rule, logits, labels, folds, seed, units, singles)
    check_rule(rule)
    return recalled(
        lambda: key_of("cross_fit", rule, logits, labels, folds, seed, units, singles),
        lambda: _cross_fit(lambda: deepcopy(rule), logits, labels, folds, seed, units, singles),
        lambda found: {"rules": [to_dict(copy) for copy in found.rules], "fold": found.fold.tolist()},
        lambda described: _restored(described, len(labels)),
    )


def _cross_fit(
    make: Callable[[], Rule],
    logits: Array,
    labels: Array,
    folds: int,
    seed: int,
    units: Array | None,
    singles: Singles,
) -> CrossFitted:
    apart = bool(singles) and units is None
    kinds = _with_company(labels) if apart else labels
    always = np.flatnonzero(_is_alone(labels)) if apart and singles == "train" else np.empty(0, int)
    copies, fold = [], np.empty(len(labels), int)
    for number, (others, held_out) in enumerate(divided(kinds, folds, seed, units)):
        training = np.union1d(others, always)
        own = None if units is None else units[training]
        # `take`, for indexing would put rows first in memory.
        with without_warnings():
            copies.append(fit_once(make(), logits.take(training, axis=1), labels[training], own))
        fold[held_out] = number
    return CrossFitted(tuple(copies), fold)


def _restored(described: Mapping[str, Any], samples: int) -> CrossFitted:
    rules, fold = tuple(from_dict(copy) for copy in described["rules"]), np.asarray(described["fold"], int)
    if fold.shape != (samples,) or not set(np.unique(fold)) <= set(range(len(rules))):
        raise ValueError(f"Expected the copy of each of {samples} rows; received shape {fold.shape}.")
    return CrossFitted(rules, fold)


def _with_company(labels: Array) -> Array:
    """Return labels to divide by: a row that is the only one of its class goes with the most frequent class."""
    values, counts = np.unique(labels, return_counts=True)
    return np.where(_is_alone(labels), values[counts.argmax()], labels)


def _is_alone(labels: Array) -> Array:
    """Return which rows are the only one of their class, (samples,) bool."""
    _, inverse, counts = np.unique(labels, return_inverse=True, return_counts=True)
    return counts[inverse] == 1


def with_fixed_hyperparameters(rule: Rule) -> Rule:
    """Return a fitted rule as an unfitted one with the hyper-parameters that its fit chose by cross-validation.

    Copies of it are fitted fast, since they do not search again. Each copy has not seen the rows that it predicts, but
    the choice of the hyper-parameters has: this is good enough to fit a calibrator, and too optimistic for a score.

    Examples:
        >>> from ensembles import Weighted
        >>> logits, labels = np.random.default_rng(0).normal(size=(3, 40, 2)), np.arange(40) % 2
        >>> rule = Weighted().fit(logits, labels)
        >>> rule.shrinkage, with_fixed_hyperparameters(rule).shrinkage == rule.shrinkage_
        ('cv', True)
    """
    fixed: Rule = rule.with_fixed_hyperparameters() if hasattr(rule, "with_fixed_hyperparameters") else rule
    return fixed
