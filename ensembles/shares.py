"""Intervals of means of scores between 0 and 1, such as accuracies, that hold for few rows and for no errors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ensembles.checks import check_count, check_share, is_missing
from ensembles.rule import Array


@dataclass(frozen=True)
class Interval:
    """A score and its confidence interval.

    Attributes:
        value: The score on the rows themselves.
        low: The lower end.
        high: The upper end.
    """

    value: float
    low: float
    high: float

    def as_dict(self) -> dict[str, float | None]:
        """Return the three as JSON has them, with None for an endless end."""
        return {name: float(end) if np.isfinite(end) else None for name, end in vars(self).items()}

    def signed(self) -> str:
        """Return the difference and its ends as text, with their signs.

        >>> Interval(0.5, -0.25, 1.0).signed()
        '+0.5000 (-0.2500 to +1.0000)'
        """
        return f"{self.value:+.4f} ({self.low:+.4f} to {self.high:+.4f})"


def interval_from(plain: Mapping[str, float | None]) -> Interval:
    """Return the interval that `Interval.as_dict` described."""
    value, low, high = (plain[name] for name in ("value", "low", "high"))
    ends = (-np.inf if low is None else low, np.inf if high is None else high)
    return Interval(float(np.nan if value is None else value), *map(float, ends))


@dataclass(frozen=True, eq=False)
class Strata:
    """What groups of rows hold of each class, cell by cell; equal groups are of one kind, and counted.

    Attributes:
        kinds: The kind of group of each cell, (cells,) from 0.
        classes: The class of each cell, (cells,) from 0.
        sizes: The number of rows, (cells,).
        sums: The sum of their scores, (cells,).
        counts: The number of groups of each kind, (kinds,).
        weights: The share of each class in the mean, (classes,); they add up to 1.
        scored: Some score is not 0, which sums that cancel do not tell.
    """

    kinds: Array
    classes: Array
    sizes: Array
    sums: Array
    counts: Array
    weights: Array
    scored: bool

    def by_class(self, values: Array | float) -> Array:
        """Add up values of the cells, (cells,) or one for all, over all groups: (classes,)."""
        total: Array = np.bincount(self.classes, values * self.counts[self.kinds], minlength=len(self.weights))
        return total

    def table(self, values: Array) -> Array:
        """Lay values of the cells out by kind and class: (kinds, classes), 0 elsewhere."""
        table = np.zeros((len(self.counts), len(self.weights)))
        table[self.kinds, self.classes] = values
        return table

    @property
    def means(self) -> Array:
        """The mean score of each class, (classes,)."""
        return self.by_class(self.sums) / self.by_class(self.sizes)

    @property
    def mean(self) -> float:
        """The mean of the classes' means, by their weights."""
        return float(self.weights @ self.means)


def share_interval(
    scores: ArrayLike,
    labels: ArrayLike | None = None,
    *,
    groups: ArrayLike | None = None,
    confidence: float = 0.95,
    resamples: int = 1000,
    seed: int = 0,
) -> Interval:
    """Compute the mean of scores of rows (samples,) from 0 to 1, with an interval that holds for few rows.

    Rows that are all correct do not say that there are no errors. So the interval is that of the Bayesian bootstrap
    (Rubin 1981, doi:10.1214/aos/1176345338) with one more row in each class: one of score 0 for the lower end, of score
    1 for the upper. For one class of right and wrong rows this is exactly Clopper and Pearson's interval (1934,
    doi:10.1093/biomet/26.4.404), which is computed there. Over several classes the ends meld those of each (Fay,
    Proschan and Brittain 2015, doi:10.1111/biom.12231); as their cautions add up, each class' further row then weighs
    one over the root of the number of classes. `benchmarks/interval_coverage.py` simulates how often this holds.

    Args:
        scores: The scores, (samples,) from 0 to 1.
        labels: The classes, (samples,), over whose means the mean is taken, as in balanced accuracy; None for one.
        groups: What each row is of, (samples,), such as a patient; whole groups are drawn then. None for single rows.
        confidence: The probability that the interval holds the true mean, above 0, below 1.
        resamples: The number of draws.
        seed: The seed of the draws.

    Raises:
        ValueError: There are no rows, scores are not of 0 to 1, labels or groups have another shape, or the confidence
            is not between 0 and 1.

    Examples:
        >>> found = share_interval([1.0] * 35)  # 35 of 35 rows are correct
        >>> found.value, round(found.low, 3), found.high
        (1.0, 0.9, 1.0)
        >>> round(share_interval([1.0] * 35, groups=[0, 1, 2, 3, 4] * 7).low, 1)  # of 5 patients
        0.5
    """
    check_share(confidence, "a confidence")
    check_count(resamples, "resamples")
    values = _checked(scores)
    strata = strata_of(values, labels, groups)
    if labels is None and groups is None and set(np.unique(values)) <= {0.0, 1.0}:
        return _exact(values, confidence)
    random, classes = np.random.default_rng(seed), len(strata.weights)
    drawn = random.gamma(strata.counts, size=(resamples, len(strata.counts)))
    sizes, sums = drawn @ strata.table(strata.sizes), drawn @ strata.table(strata.sums)
    mean_sizes = strata.by_class(strata.sizes) / strata.by_class(1.0)
    further = random.gamma(1 / np.sqrt(classes), size=(resamples, classes)) * mean_sizes
    tail, value = (1 - confidence) / 2, strata.mean
    low = float(np.quantile(sums / (sizes + further) @ strata.weights, tail))
    high = float(np.quantile((sums + further) / (sizes + further) @ strata.weights, 1 - tail))
    return Interval(value, min(low, value), max(high, value))


def strata_of(scores: Array, labels: ArrayLike | None, groups: ArrayLike | None) -> Strata:
    """Add up scores (samples,) by group and class.

    A class of one row does not show how much its rows vary. So without groups, all such classes are one of several rows
    (collapsed strata: Cochran, Sampling Techniques, 1977, 5A.12). Its rows vary at least as much as each class' own do.

    Raises:
        ValueError: Labels or groups have another shape than the scores.
    """
    classes = numbered(np.zeros(len(scores), int) if labels is None else labels, len(scores), "labels")
    weights = np.full(int(classes.max()) + 1, 1.0)
    if groups is None:
        classes, weights = _collapsed(classes)
    units = None if groups is None else numbered(groups, len(scores), "groups")
    cells = _rows(scores, classes) if units is None else _groups(scores, classes, units, len(weights))
    kinds, own, sizes, sums, counts = cells
    return Strata(kinds, own, sizes, sums, counts, weights / weights.sum(), bool(scores.any()))


def _rows(scores: Array, classes: Array) -> tuple[Array, ...]:
    """Cells of groups of one row each: one for each class, the last one first as in :func:`_groups`, and score."""
    found, counts = np.unique(np.stack([-classes, scores], axis=1), axis=0, return_counts=True)
    return np.arange(len(found)), -found[:, 0].astype(int), np.ones(len(found)), found[:, 1], counts


def _groups(scores: Array, classes: Array, units: Array, width: int) -> tuple[Array, ...]:
    """Cells of groups of several rows and classes."""
    shape = (int(units.max()) + 1, width)
    sizes, sums = np.zeros(shape), np.zeros(shape)
    np.add.at(sizes, (units, classes), 1)
    np.add.at(sums, (units, classes), scores)
    found, counts = np.unique(np.hstack([sizes, sums]), axis=0, return_counts=True)
    kinds, own = np.nonzero(found[:, :width])
    return kinds, own, found[kinds, own], found[kinds, own + width], counts


def _collapsed(classes: Array) -> tuple[Array, Array]:
    """Number the classes anew, those of one row as one; and count the classes of each number."""
    alone = np.bincount(classes) == 1
    first = int(alone.argmax()) if alone.any() else 0
    _, rows, counts = np.unique(np.where(alone, first, np.arange(len(alone))), return_inverse=True, return_counts=True)
    return rows[classes], counts.astype(float)


def numbered(values: ArrayLike, count: int, what: str) -> Array:
    """Number the different values of one label or group a row: (samples,) int64 from 0.

    Raises:
        ValueError: They are not one a row, or some are missing.
    """
    array = np.asarray(values)
    if array.shape != (count,):
        raise ValueError(f"Expected {what} of shape ({count},); received shape {array.shape}. Pass one a row.")
    missing = sum(map(is_missing, array)) if array.dtype.kind == "O" else int(np.sum(array != array))  # noqa: PLR0124
    if missing:
        raise ValueError(f"Expected {what} without missing ones; received {missing}. Name each such row by itself.")
    found: Array = np.unique(array, return_inverse=True)[1]
    return found


def _exact(right: Array, confidence: float) -> Interval:
    from scipy.stats import binomtest

    found = binomtest(int(right.sum()), len(right)).proportion_ci(confidence, method="exact")
    return Interval(float(right.mean()), float(found.low), float(found.high))


def _checked(scores: ArrayLike) -> Array:
    values = np.asarray(scores, np.float64)
    if values.ndim != 1 or not values.size or not ((values >= 0) & (values <= 1)).all():
        raise ValueError(f"Expected finite scores (samples,) of 0 to 1; received shape {values.shape}. Pass one a row.")
    return values


def recalls(right: ArrayLike, labels: Sequence[int] | Array, groups: ArrayLike | None = None) -> dict[int, Interval]:
    """Compute each class' recall from rows that are right or wrong (samples,) bool, with its interval of 95 %.

    Classes without rows are left out.

    Examples:
        >>> found = recalls([True, True, False], [0, 0, 1])
        >>> found[0].value, round(found[0].low, 3), found[1].value, round(found[1].high, 3)
        (1.0, 0.158, 0.0, 0.975)
    """
    scores, classes = np.asarray(right, np.float64), np.asarray(labels)
    units = None if groups is None else numbered(groups, len(scores), "groups")
    return {
        int(label): share_interval(scores[rows], groups=None if units is None else units[rows])
        for label, rows in ((label, classes == label) for label in np.unique(classes))
    }
