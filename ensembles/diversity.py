"""How much members differ, what that buys, and what each is worth.

Pairwise measures (Kuncheva and Whitaker 2003, doi:10.1023/A:1022859003006) take logits (members, samples, classes) and
labels (samples,), and return a symmetric (members, members) float64.
"""

from copy import deepcopy
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ensembles import metrics
from ensembles.bootstrap import Interval, RowScore, difference
from ensembles.crossval import out_of_fold
from ensembles.rule import Array, Rule, check_rows
from ensembles.space import Over, check_over, log_softmax


def disagreement(logits: ArrayLike, labels: ArrayLike) -> Array:
    """Share of rows on which two members predict different classes, 0 to 1."""
    logits, labels = check_rows(logits, labels)
    predicted = logits.argmax(axis=-1)
    return np.array([[np.mean(one != other) for other in predicted] for one in predicted])


def double_fault(logits: ArrayLike, labels: ArrayLike) -> Array:
    """Share of rows that two members both get wrong, 0 to 1; on the diagonal a member's own errors."""
    wrong = 1.0 - _right(logits, labels)
    shared: Array = wrong @ wrong.T / wrong.shape[1]
    return shared


def q_statistic(logits: ArrayLike, labels: ArrayLike) -> Array:
    """Yule's Q of two members being right: 1 if on the same rows, 0 if independently, -1 if on others.

    NaN where it is not defined, as for two members that make no errors.
    """
    both, neither, one, other = _counts(_right(logits, labels))
    same, apart = both * neither, one * other
    return np.divide(same - apart, same + apart, out=np.full(both.shape, np.nan), where=same + apart > 0)


def error_correlation(logits: ArrayLike, labels: ArrayLike) -> Array:
    """Correlation of two members' errors, -1 to 1; NaN for a member that is always right, or always wrong."""
    both, neither, one, other = _counts(_right(logits, labels))
    spread = np.sqrt((both + one) * (neither + other) * (both + other) * (neither + one))
    return np.divide(both * neither - one * other, spread, out=np.full(both.shape, np.nan), where=spread > 0)


@dataclass(frozen=True)
class Ambiguity:
    """What members lose by themselves, what their differences buy, and what their mean loses: the rest.

    Attributes:
        members: mean of the members' losses.
        ambiguity: 0 or more; 0 where all say the same.
        ensemble: loss of the mean.
    """

    members: float
    ambiguity: float
    ensemble: float


def ambiguity(logits: ArrayLike, labels: ArrayLike, over: Over = "logits") -> Ambiguity:
    """Split the loss of equal weights in two, exactly.

    Over probabilities the loss is Brier's (Krogh and Vedelsby 1995), over logits the log loss (Heskes 1998,
    doi:10.1162/089976698300017232), whose ambiguity is the mean Kullback-Leibler divergence of the members from their
    mean.
    """
    check_over(over)
    logits, labels = check_rows(logits, labels)
    loss = metrics.log_loss if over == "logits" else metrics.brier
    own = float(np.mean([loss(member, labels) for member in logits]))
    logs = log_softmax(logits)
    if over == "logits":
        bought = -np.log(np.exp(logs.mean(axis=0)).sum(axis=1))
    else:
        probabilities = np.exp(logs)
        bought = ((probabilities - probabilities.mean(axis=0)) ** 2).sum(axis=2).mean(axis=0)
    return Ambiguity(own, float(bought.mean()), own - float(bought.mean()))


def removal(
    rule: Rule,
    logits: ArrayLike,
    labels: ArrayLike,
    score: RowScore = "accuracy",
    *,
    confidence: float = 0.95,
    seed: int = 0,
) -> list[Interval]:
    """Say for each member by how much the score would rise, or fall, if it were left out, with an interval.

    The rule is fitted anew without it; both answer out of fold. An interval around 0 says that nobody would notice.

    Raises:
        ValueError: one member only, and what the rule's `fit` raises.
    """
    logits, labels = check_rows(logits, labels)
    if len(logits) < 2:
        raise ValueError("expected at least 2 members, received 1; without it there is no answer")
    whole = out_of_fold(deepcopy(rule), logits, labels, seed=seed)
    without = [
        out_of_fold(deepcopy(rule), np.delete(logits, member, axis=0), labels, seed=seed)
        for member in range(len(logits))
    ]
    return [difference(rest, whole, labels, score, confidence=confidence, seed=seed) for rest in without]


def _right(logits: ArrayLike, labels: ArrayLike) -> Array:
    """Which member is right on which row: (members, samples) float64 of 0 and 1."""
    logits, labels = check_rows(logits, labels)
    right: Array = (logits.argmax(axis=-1) == labels).astype(np.float64)
    return right


def _counts(right: Array) -> tuple[Array, Array, Array, Array]:
    """Rows that both of two get right, neither, only the one, only the other: each (members, members)."""
    wrong = 1 - right
    return right @ right.T, wrong @ wrong.T, right @ wrong.T, wrong @ right.T
