"""Selective prediction: predict only rows that are likely correct, and abstain from the others."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ensembles.checks import as_array, as_finite, as_numbers, check_share
from ensembles.rule import Array
from ensembles.shares import numbered

STARTS = 8
"""The number of test sequences in `choose_abstention`, at most.

The significance level is divided among them, so more sequences make each test stricter. With fewer sequences, errors
among the most certain rows are more likely to stop them all.
"""


@dataclass(frozen=True)
class Abstention:
    """A threshold of uncertainty, and the result on the rows that it was chosen on.

    Attributes:
        threshold: The highest uncertainty that is accepted; minus infinity where no row is.
        accepted: The fraction of rows that are accepted, 0 to 1.
        error: The error rate among the accepted rows.
    """

    threshold: float
    accepted: float
    error: float

    def accepts(self, uncertainty: ArrayLike) -> Array:
        """Return whether each row is accepted: (samples,) bool.

        Raises:
            ValueError: An uncertainty is NaN.
            TypeError: They are no numbers.
        """
        given = as_numbers(uncertainty, "uncertainty")
        if np.isnan(given).any():
            raise ValueError("Expected uncertainties; received NaN. Leave those rows out.")
        return given <= self.threshold


def choose_abstention(
    uncertainty: ArrayLike,
    right: ArrayLike,
    error: float,
    *,
    confidence: float | None = None,
    groups: ArrayLike | None = None,
    seed: int = 0,
) -> Abstention:
    """Choose the threshold that accepts most rows with at most this error rate among them.

    By default the error rate on the given rows is taken as it is; on other rows it is higher about as often as lower.
    With a confidence it is kept on other rows of the same distribution with this probability (selection with guaranteed
    risk, Geifman and El-Yaniv 2017, arXiv:1705.08500). Thresholds rise from `STARTS` starting points for as long as an
    exact binomial test rejects a higher error rate (fixed sequence testing, Angelopoulos et al. 2021,
    arXiv:2110.01052). For example, an error of 0.01 at a confidence of 0.95 takes 299 rows that are all correct.

    Rows of one group, such as a patient, are not independent of each other, as the test takes rows to be. So with a
    confidence one row is drawn from each group, and the threshold keeps the error rate on a row of a new group. Without
    a confidence all rows are counted, groups or not.

    Args:
        uncertainty: The uncertainty of each row, (samples,), of rows that nothing was fitted on; see
            `ensembles.uncertainty`.
        right: Whether the prediction of each row is correct, (samples,) bool.
        error: The highest error rate among the accepted rows, above 0, below 1.
        confidence: The probability with which other rows keep the error rate, above 0, below 1; None for no guarantee.
        groups: What each row is of, (samples,); None where each row is by itself.
        seed: The seed of the rows that are drawn.

    Raises:
        ValueError: Arguments are not those above.
        TypeError: `right` is not bool.

    Examples:
        >>> uncertainty = [0.1, 0.2, 0.3, 0.4, 0.5]
        >>> correct = np.array([True, True, True, False, True])
        >>> found = choose_abstention(uncertainty, correct, error=0.1)
        >>> found
        Abstention(threshold=0.3, accepted=0.6, error=0.0)
        >>> found.accepts([0.05, 0.9]).tolist()
        [True, False]
    """
    uncertainty, right = as_finite(uncertainty, "uncertainty"), as_array(right, "right")
    _check(uncertainty, right, error, confidence)
    if groups is None or confidence is None:
        return _choose(uncertainty, right, error, confidence)
    rows = _one_a_group(numbered(groups, len(right), "groups"), seed)
    threshold = _choose(uncertainty[rows], right[rows], error, confidence).threshold
    return _kept(threshold, uncertainty, right)


def _one_a_group(units: Array, seed: int) -> Array:
    """Draw a row of each group."""
    drawn = np.random.default_rng(seed).permutation(len(units))
    rows: Array = drawn[np.unique(units[drawn], return_index=True)[1]]
    return rows


def _kept(threshold: float, uncertainty: Array, right: Array) -> Abstention:
    """Say what a threshold accepts of all rows."""
    accepted = uncertainty <= threshold
    error = float((~right[accepted]).mean()) if accepted.any() else 0.0
    return Abstention(threshold, float(accepted.mean()), error)


def _choose(uncertainty: Array, right: Array, error: float, confidence: float | None) -> Abstention:
    order = np.argsort(uncertainty, kind="stable")
    # Rows of equal uncertainty are accepted together or not at all.
    counts = np.flatnonzero(np.append(np.diff(uncertainty[order]) > 0, True)) + 1
    errors = np.cumsum(~right[order])[counts - 1]
    if confidence is None:
        last = _last_within(errors, counts, error)
    else:
        last = _last_proven(errors, counts, error, confidence)
    if last is None:
        return Abstention(-np.inf, 0.0, 0.0)
    accepted = int(counts[last])
    return Abstention(float(uncertainty[order[accepted - 1]]), accepted / len(order), float(errors[last] / accepted))


def _last_within(errors: Array, counts: Array, error: float) -> int | None:
    """Return the index of the last number of accepted rows whose error rate is low enough."""
    within = np.flatnonzero(errors / counts <= error)
    return int(within[-1]) if len(within) else None


def _last_proven(errors: Array, counts: Array, error: float, confidence: float) -> int | None:
    """Follow each sequence of tests until one does not reject; return the index that the last sequence reached."""
    from scipy.stats import binom

    starts = _starts(int(counts[-1]), error, 1 - confidence)
    rejected = binom.cdf(errors, counts, error) <= (1 - confidence) / len(starts)
    found = None
    for start in np.searchsorted(counts, starts):
        length = int(np.argmin(np.append(rejected[start:], False)))
        found = start + length - 1 if length else found
    return None if found is None else int(found)


def _starts(rows: int, error: float, level: float) -> Array:
    """Return the numbers of accepted rows at which sequences start.

    They are those of `STARTS` equal steps at which zero errors would be significant. They do not depend on the data, so
    each sequence keeps its part of the significance level.
    """
    steps = rows * np.arange(1, STARTS + 1) / STARTS
    enough = [(1 - error) ** step <= level / (STARTS - number) for number, step in enumerate(steps)]
    first = int(np.argmax([*enough, True]))
    return np.ceil(steps[min(first, STARTS - 1) :])


def _check(uncertainty: Array, right: Array, error: float, confidence: float | None) -> None:
    if uncertainty.ndim != 1 or uncertainty.shape != right.shape or not len(right):
        raise ValueError(
            f"Expected uncertainty and right (samples,) of 1 row or more; received shapes {uncertainty.shape} and "
            f"{right.shape}."
        )
    if right.dtype != bool:
        raise TypeError(f"Expected right as bool; received {right.dtype}. Pass predicted == labels.")
    check_share(error, "an error rate")
    if confidence is not None:
        check_share(confidence, "a confidence, or None,")
