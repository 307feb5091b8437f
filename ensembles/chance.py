"""Whether a member answers like chance, as one does whose rows stand in another order than the labels."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ensembles.column_order import LEVEL

Array = NDArray[Any]

USEFUL = 0.3  # Cohen's kappa, below which agreement is called slight or hardly fair (Landis and Koch 1977)
BETTER = 2.33  # standard deviations from guesses, from which answers do tell something of the labels: one in a hundred


@dataclass(frozen=True)
class Guessing:
    """Answers that nothing tells from guesses.

    Attributes:
        rows: How many there are.
        right: How many of them are right.
        guessed: How many would be, were the same answers given to the rows by lot.
    """

    rows: int
    right: int
    guessed: float


def guessing(predicted: Array, labels: Array) -> Guessing | None:
    """Find whether answers (samples,) of labels (samples,) are no better than guesses, and surely of no use; else None.

    Few rows cannot tell: an honest member of a kappa of `USEFUL`, which gets 30 % of the rows right that guesses get
    wrong, is doubted once in a thousand times at most, and a better one more rarely. Rows of one class tell nothing.

    Examples:
        >>> labels = np.arange(300) % 3
        >>> guessing(np.repeat([0, 1, 2], 100), labels)
        Guessing(rows=300, right=102, guessed=100.0)
        >>> guessing(np.repeat([0, 1, 2], 10), labels[:30]) is None
        True
        >>> guessing(np.where(np.arange(300) < 150, labels, 0), labels) is None
        True
    """
    rows, right = len(labels), int((predicted == labels).sum())
    there, given = (
        np.bincount(own, minlength=int(max(labels.max(), predicted.max())) + 1) for own in (labels, predicted)
    )
    guessed = float(there @ given) / rows
    if there.max() == rows or right > guessed + BETTER * _deviation(there, given) + 0.5:
        return None
    return Guessing(rows, right, guessed) if _is_useless(right, rows, guessed / rows) else None


def _deviation(there: Array, given: Array) -> float:
    """Return the standard deviation of how many answers are right that are given to rows by lot (Hoeffding 1951).

    Args:
        there: How many rows there are of each class, (classes,).
        given: How often each is the answer, (classes,).
    """
    rows = there.sum()
    hits = np.eye(len(there)) - there[:, None] / rows - given[None] / rows + there @ given / rows**2
    return float(np.sqrt(given @ hits**2 @ there / max(rows - 1, 1)))


def _is_useless(right: int, rows: int, chance: float) -> bool:
    from scipy.stats import binom

    return bool(binom.cdf(right, rows, chance + USEFUL * (1 - chance)) < LEVEL)
