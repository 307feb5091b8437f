"""Answering only where an answer is likely right."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ensembles.rule import Array

STARTS = 8
"""Fewer share the doubt among less; more find a way past errors among the surest rows."""


@dataclass(frozen=True)
class Abstention:
    """Where to stop answering, and what that gave on the rows that it was chosen on.

    Attributes:
        threshold: the highest uncertainty that is answered; minus infinity where nothing is.
        accepted: share of the rows that are answered, 0 to 1.
        error: share of these that are wrong.
    """

    threshold: float
    accepted: float
    error: float

    def accepts(self, uncertainty: ArrayLike) -> Array:
        """Say of each row whether it is answered: (samples,) bool."""
        return np.asarray(uncertainty) <= self.threshold


def choose_abstention(
    uncertainty: ArrayLike, right: ArrayLike, error: float, *, confidence: float | None = None
) -> Abstention:
    """Choose the threshold that answers most rows with at most this share of errors.

    Args:
        uncertainty: (samples,), of rows that nobody learned from; see `ensembles.uncertainty`.
        right: (samples,) bool, whether the answer was.
        error: the wanted share of errors among the answered, above 0, below 1.
        confidence: of rows like these, the wanted share is kept with this probability (selection with guaranteed risk,
            Geifman and El-Yaniv 2017, arXiv:1705.08500): from a few starts, which share the doubt, thresholds rise for
            as long as an exact binomial test refutes a larger share (fixed sequences, Angelopoulos et al. 2021,
            arXiv:2110.01052). An error of 0.01 at 0.95 can be promised from 299 rows on, all of them right. By
            default the share on these rows is taken at its word: on others it is larger about as often as smaller.

    Raises:
        ValueError: arguments outside of those above.
        TypeError: a `right` that is not bool.
    """
    uncertainty, right = np.asarray(uncertainty, np.float64), np.asarray(right)
    _check(uncertainty, right, error, confidence)
    order = np.argsort(uncertainty, kind="stable")
    # Rows of equal uncertainty are answered together or not at all.
    answered = np.flatnonzero(np.append(np.diff(uncertainty[order]) > 0, True)) + 1
    wrong = np.cumsum(~right[order])[answered - 1]
    place = _last_good(wrong, answered, error) if confidence is None else _walk(wrong, answered, error, confidence)
    if place is None:
        return Abstention(-np.inf, 0.0, 0.0)
    count = int(answered[place])
    return Abstention(float(uncertainty[order[count - 1]]), count / len(order), float(wrong[place] / count))


def _last_good(wrong: Array, answered: Array, error: float) -> int | None:
    good = np.flatnonzero(wrong / answered <= error)
    return int(good[-1]) if len(good) else None


def _walk(wrong: Array, answered: Array, error: float, confidence: float) -> int | None:
    """Walk up from each start, while the errors are too few for chance; the last place of the longest walk."""
    from scipy.stats import binom

    starts = _starts(int(answered[-1]), error, 1 - confidence)
    surely = binom.cdf(wrong, answered, error) <= (1 - confidence) / len(starts)
    found = None
    for place in np.searchsorted(answered, starts):
        length = int(np.argmin(np.append(surely[place:], False)))
        found = place + length - 1 if length else found
    return None if found is None else int(found)


def _starts(rows: int, error: float, doubt: float) -> Array:
    """Numbers of answered rows to start from: of `STARTS` equal steps those where to make no error would be proof.

    Each has its share of the doubt. Which they are does not depend on what was seen.
    """
    steps = rows * np.arange(1, STARTS + 1) / STARTS
    enough = [(1 - error) ** step <= doubt / (STARTS - number) for number, step in enumerate(steps)]
    first = int(np.argmax([*enough, True]))
    return np.ceil(steps[min(first, STARTS - 1) :])


def _check(uncertainty: Array, right: Array, error: float, confidence: float | None) -> None:
    if uncertainty.ndim != 1 or uncertainty.shape != right.shape or not len(right):
        raise ValueError(
            f"expected one uncertainty and one right a row, received shapes {uncertainty.shape} and {right.shape}"
        )
    if right.dtype != bool:
        raise TypeError(f"expected right as bool, received {right.dtype}; hand in predicted == labels")
    if not np.isfinite(uncertainty).all():
        raise ValueError("expected finite uncertainties, received NaN or infinity")
    if not 0 < error < 1:
        raise ValueError(f"expected an error above 0, below 1, received {error!r}")
    if confidence is not None and not 0 < confidence < 1:
        raise ValueError(f"expected a confidence above 0, below 1, or None, received {confidence!r}")
