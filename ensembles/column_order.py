"""The order of a member's columns, told by what it answers: one that fits far better than the order as it stands."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

LEVEL = 1e-3  # of the tests: one honest member in a thousand is doubted
HALVES = 2
LOOKED_AT = 5000  # rows, evenly taken
CLEAR = 2.0  # times as often as any other column: classes that are only confused have no column that is so clear

CERTAIN = 1.2  # the sum of the moved classes' recalls: less may be a weak member's luck where rows are of few groups


def best_order(predicted: Array, labels: Array, classes: int) -> Array:
    """Return which column answers each class, (classes,), so that most rows are right; of equal ones the present order.

    Args:
        predicted: The column that each row answers, (samples,).
        labels: The class ids, (samples,).
        classes: How many there are.

    Examples:
        >>> best_order(np.array([1, 1, 0, 2]), np.array([0, 0, 1, 2]), 3).tolist()
        [1, 0, 2]
    """
    from scipy.optimize import linear_sum_assignment

    table = _table(predicted, labels, classes)
    return np.asarray(linear_sum_assignment(table + np.eye(classes) / 2, maximize=True)[1])


def right_reordered(predicted: Array, labels: Array, classes: int) -> Array:
    """Return which rows, (samples,) bool, would be right, each under the order that the other half of the rows chooses.

    An order that is chosen on the rows that it is scored on is always better, for few rows much better.
    """
    half = np.zeros(len(labels), int)
    for label in range(classes):
        rows = np.flatnonzero(labels == label)
        half[rows] = np.arange(len(rows)) % HALVES
    right = np.zeros(len(labels), bool)
    for number in range(HALVES):
        chosen, scored = half != number, half == number
        order = best_order(predicted[chosen], labels[chosen], classes)
        right[scored] = predicted[scored] == order[labels[scored]]
    return right


def is_better(one: Array, other: Array, level: float = LEVEL) -> bool:
    """Test whether the rows of one, (samples,) bool, are right more often than the other's; one-sided sign test."""
    from scipy.stats import binomtest

    won, lost = int(np.sum(one & ~other)), int(np.sum(other & ~one))
    return bool(won and binomtest(won, won + lost, alternative="greater").pvalue < level)


def answers(logits: Array, labels: Array) -> tuple[Array, Array]:
    """Return what logits (samples, classes) answer in the rows that are looked at, and their labels."""
    some = np.unique(np.linspace(0, len(labels) - 1, min(len(labels), LOOKED_AT)).astype(int))
    return logits[some].argmax(axis=1), labels[some]


@dataclass(frozen=True, eq=False)
class Reordered:
    """Another order of a member's columns, which fits far better.

    Attributes:
        order: The column that answers each class, (classes,).
        rows: How many rows were looked at.
        right: How many of them are right as the columns stand.
        right_so: How many are in this order, chosen on other rows.
    """

    order: Array
    rows: int
    right: int
    right_so: int


def other_order(logits: Array, labels: Array) -> Reordered | None:
    """Find whether columns of a member's logits, (samples, classes), seem to stand in another order; else None.

    A weak member is not doubted, nor one that prefers some classes: another order has to be right significantly more
    often, and the column of each class that it moves has to answer this class far more often than other columns do.
    """
    (predicted, labels), classes = answers(logits, labels), logits.shape[1]
    table = _table(predicted, labels, classes)
    if not (table.max(axis=1) > table.diagonal()).any():
        return None
    order, right = best_order(predicted, labels, classes), predicted == labels
    other = right_reordered(predicted, labels, classes)
    if not (_is_clear(table, order, other, labels) and is_better(other, right)):
        return None
    return Reordered(order, len(labels), int(right.sum()), int(other.sum()))


def _is_clear(table: Array, order: Array, right: Array, labels: Array) -> bool:
    """Whether the classes that an order moves, each of the same weight, have one column that stands out."""
    moved = np.flatnonzero((order != np.arange(len(order))) & (table.sum(axis=1) > 0))
    counts = table.sum(axis=1)[moved]
    others = table.copy()
    others[np.arange(len(order)), order] = 0
    own = np.bincount(labels[right], minlength=len(order))[moved]
    recalls = float((own / counts).sum())
    return recalls >= max(CERTAIN, CLEAR * float((others.max(axis=1)[moved] / counts).sum()))


def _table(predicted: Array, labels: Array, classes: int) -> Array:
    """Count the rows of each class that each column answers, (classes, classes)."""
    table = np.zeros((classes, classes))
    np.add.at(table, (labels, predicted), 1)
    return table
