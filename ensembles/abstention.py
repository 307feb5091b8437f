"""Answering only where an answer is likely right."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ensembles.rule import Array


@dataclass(frozen=True)
class Abstention:
    """Where to stop answering, and what that gave on the rows that it was chosen on.

    Attributes:
        threshold: the highest uncertainty that is answered; less than any where nothing is.
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
        confidence: of rows like these, the wanted share is kept with this probability: the threshold is then chosen by
            binomial bounds instead of the share seen (selection with guaranteed risk, Geifman and El-Yaniv 2017,
            arXiv:1705.08500). By default the share on these rows is taken at its word.

    Raises:
        ValueError: arguments outside of those above.
    """
    uncertainty, right = np.asarray(uncertainty, np.float64), np.asarray(right, bool)
    _check(uncertainty, right, error, confidence)
    order = np.argsort(uncertainty, kind="stable")
    # Rows of equal uncertainty are answered together or not at all.
    answered = np.flatnonzero(np.append(np.diff(uncertainty[order]) > 0, True)) + 1
    wrong = np.cumsum(~right[order])[answered - 1]
    place = _last_good(wrong, answered, error) if confidence is None else _search(wrong, answered, error, confidence)
    if place is None:
        return Abstention(float(np.nextafter(uncertainty.min(), -np.inf)), 0.0, 0.0)
    count = int(answered[place])
    return Abstention(float(uncertainty[order[count - 1]]), count / len(order), float(wrong[place] / count))


def _last_good(wrong: Array, answered: Array, error: float) -> int | None:
    good = np.flatnonzero(wrong / answered <= error)
    return int(good[-1]) if len(good) else None


def _search(wrong: Array, answered: Array, error: float, confidence: float) -> int | None:
    """Search by halves; each of the few places looked at gets its share of the doubt."""
    doubt = (1 - confidence) / np.ceil(np.log2(len(answered) + 1))
    low, high, found = 0, len(answered) - 1, None
    while low <= high:
        place = (low + high) // 2
        if _highest_risk(int(wrong[place]), int(answered[place]), doubt) <= error:
            low, found = place + 1, place
        else:
            high = place - 1
    return found


def _highest_risk(wrong: int, answered: int, doubt: float) -> float:
    """The upper end of Clopper and Pearson's one-sided interval."""
    from scipy.stats import beta

    return 1.0 if wrong == answered else float(beta.ppf(1 - doubt, wrong + 1, answered - wrong))


def _check(uncertainty: Array, right: Array, error: float, confidence: float | None) -> None:
    if uncertainty.ndim != 1 or uncertainty.shape != right.shape or not len(right):
        raise ValueError(
            f"expected one uncertainty and one right a row, received shapes {uncertainty.shape} and {right.shape}"
        )
    if not np.isfinite(uncertainty).all():
        raise ValueError("expected finite uncertainties, received NaN or infinity")
    if not 0 < error < 1:
        raise ValueError(f"expected an error above 0, below 1, received {error!r}")
    if confidence is not None and not 0 < confidence < 1:
        raise ValueError(f"expected a confidence above 0, below 1, or None, received {confidence!r}")
