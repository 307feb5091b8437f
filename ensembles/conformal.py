"""Conformal prediction: sets of classes that contain the true class with a wanted probability."""

from dataclasses import dataclass, field
from typing import ClassVar, Literal, Self

import numpy as np
from numpy.typing import ArrayLike

from ensembles.checks import as_array, check_share
from ensembles.input_warnings import warn_of_probabilities
from ensembles.metrics import log_softmax
from ensembles.rule import Array, check_learned, check_logits, check_rows
from ensembles.shares import numbered

Score = Literal["lac", "aps"]
ROUNDING = 1e-9  # of a sum of parts of groups


@dataclass(kw_only=True, eq=False)
class Conformal:
    """Predict a set of classes for each row: one class where the row is easy, several where it is hard.

    This is split conformal prediction (Vovk et al. 2005; Angelopoulos and Bates 2021, arXiv:2107.07511). Whatever the
    members are, the sets of rows from the distribution of the fit contain the true class with probability `coverage`
    or more, on average over fits. Under distribution shift there is no such guarantee.

    Rows of one group, such as a patient, are not independent of each other. With groups the sets hold for a row of a
    group that is new: each group counts once, its rows by equal parts (hierarchical conformal prediction, Lee et al.
    2023, arXiv:2306.06342). It needs about 1 / (1 - coverage) groups; with fewer every class is in every set.

    Args:
        coverage: The wanted probability that a set contains the true class, above 0, below 1.
        score: "lac" puts a class into the set where its probability is high enough. Sets are the smallest possible, and
            may be empty on hard rows (Sadinle et al. 2019, arXiv:1609.00451); some must be empty where predictions
            are correct more often than `coverage`. "aps" adds the most probable classes until their sum is large
            enough, so no set is empty (Romano et al. 2020, arXiv:2006.02544, without randomisation, so that
            sets are reproducible).
        per_class: Give every class a threshold, and so a coverage, of its own. A class needs about 1 / (1 - coverage)
            rows; with fewer it is in every set.

    Attributes:
        thresholds_: The highest score of a class that is in the set, (classes,) float64; infinity for always.
        classes_: The number of classes.

    Examples:
        >>> random, labels = np.random.default_rng(0), np.arange(6000) % 3
        >>> logits = random.normal(size=(6000, 3)) + 2 * np.eye(3)[labels]
        >>> conformal = Conformal(coverage=0.9).fit(logits[:3000], labels[:3000])
        >>> sets = conformal.sets(logits[3000:])
        >>> sets.shape, round(coverage(sets, labels[3000:]), 1)
        ((3000, 3), 0.9)
    """

    name: ClassVar[str] = "conformal"

    coverage: float = 0.95
    score: Score = "lac"
    per_class: bool = False
    thresholds_: Array = field(init=False, repr=False)
    classes_: int = field(init=False, repr=False)

    def fit(self, logits: ArrayLike, labels: ArrayLike, groups: ArrayLike | None = None) -> Self:
        """Choose the thresholds on rows that neither members nor the rule were fitted on.

        Args:
            logits: The combined logits, (samples, classes).
            labels: The class ids, (samples,).
            groups: What each row is of, (samples,); None where each row is by itself.

        Raises:
            ValueError: Options are not those above, or `ensembles.rule.check_rows` refuses the arrays.
            TypeError: The arrays have other dtypes than `check_rows` takes.
        """
        check_share(self.coverage, "a coverage")
        if self.score not in ("lac", "aps"):
            raise ValueError(f'Expected a score "lac" or "aps"; received {self.score!r}.')
        logits, labels = check_rows(logits, labels, axes=2)
        warn_of_probabilities(logits)
        self.classes_ = logits.shape[1]
        true_scores = self._scores(logits)[np.arange(len(labels)), labels]
        units = None if groups is None else numbered(groups, len(labels), "groups")
        parts = [labels == value for value in range(self.classes_)] if self.per_class else [np.full(len(labels), True)]
        thresholds = [
            _quantile(true_scores[part], self.coverage)
            if units is None
            else _quantile_of_groups(true_scores[part], units[part], self.coverage)
            for part in parts
        ]
        self.thresholds_ = np.broadcast_to(thresholds, (self.classes_,)).astype(np.float64)
        return self

    def sets(self, logits: ArrayLike) -> Array:
        """Return which classes are in each row's set: bool of the shape of logits (samples, classes).

        Raises:
            NotFittedError: It has not been fitted.
            ValueError: The number of classes is not that of `fit`.
        """
        check_learned(self, "thresholds_")
        logits = check_logits(logits, axes=2)
        if logits.shape[1] != self.classes_:
            raise ValueError(f"Expected {self.classes_} classes, as in fit; received {logits.shape[1]}.")
        inside: Array = self._scores(logits) <= self.thresholds_
        return inside

    def _scores(self, logits: Array) -> Array:
        """Return the nonconformity of each class, (samples, classes) float64, 0 to 1.

        For "lac" it is one minus the probability of the class. For "aps" it is the sum of the probabilities above that
        of the class, without the class itself: with it, rows that are confident and correct would have scores near 1,
        and a threshold near 1 would take most classes into every set.
        """
        probabilities = np.exp(log_softmax(logits))
        if self.score == "lac":
            scores: Array = 1 - probabilities
            return scores
        order = np.argsort(-probabilities, axis=1, kind="stable")
        sums = np.cumsum(np.take_along_axis(probabilities, order, axis=1), axis=1)
        scores = np.zeros_like(sums)
        np.put_along_axis(scores, order[:, 1:], sums[:, :-1], axis=1)
        return scores


def coverage(sets: ArrayLike, labels: ArrayLike) -> float:
    """Compute the fraction of rows whose label (samples,) is in their set (samples, classes) bool.

    Raises:
        ValueError: Labels are not class ids of the sets' rows.
        TypeError: Sets are not bool, or labels are not integers.

    Examples:
        >>> coverage(np.array([[True, False], [True, True], [False, True], [False, False]]), [0, 1, 1, 0])
        0.75
    """
    inside = as_array(sets, "sets")
    if inside.dtype != bool:
        raise TypeError(f"Expected sets as bool; received {inside.dtype}. Pass what Conformal.sets returns.")
    _, labels = check_rows(inside.astype(np.float32), labels, axes=2)
    return float(inside[np.arange(len(inside)), labels].mean())


def _quantile(scores: Array, level: float) -> float:
    """Return the ceil((n + 1) * level)-th smallest of n scores: n + 1, since the next row is exchangeable with them."""
    rank = int(np.ceil((len(scores) + 1) * level))
    return float(np.inf) if rank > len(scores) else float(np.sort(scores)[rank - 1])


def _quantile_of_groups(scores: Array, units: Array, level: float) -> float:
    """Return the least score with (n + 1) * level of n groups at or below it, where a group counts by its rows' share.

    Where each row is a group of its own, this is `_quantile`.
    """
    _, own, sizes = np.unique(units, return_inverse=True, return_counts=True)
    order = np.argsort(scores, kind="stable")
    reached = np.cumsum(1 / sizes[own[order]]) >= (len(sizes) + 1) * level - ROUNDING
    return float(scores[order[reached.argmax()]]) if reached.any() else float(np.inf)
