"""Diversity of members: how their predictions differ, what that gains, and what each member contributes.

Pairwise measures (Kuncheva and Whitaker 2003, doi:10.1023/A:1022859003006) take logits (members, samples, classes) and
labels (samples,), and return a symmetric (members, members) float64. They raise what `ensembles.rule.check_rows` does.
"""

from copy import deepcopy
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import ArrayLike

from ensembles import metrics
from ensembles.bootstrap import Interval, RowScore, difference
from ensembles.crossval import out_of_fold
from ensembles.folds import usable_folds
from ensembles.input_warnings import without_warnings
from ensembles.metrics import log_softmax
from ensembles.rule import Array, Rule, check_rows
from ensembles.shares import numbered
from ensembles.weighted_mean import Over, check_over, for_members


def disagreement(logits: ArrayLike, labels: ArrayLike) -> Array:
    """Compute the fraction of rows on which two members predict different classes, 0 to 1.

    Examples:
        >>> logits = np.array([[[1.0, 0.0], [1.0, 0.0]], [[1.0, 0.0], [0.0, 1.0]]])
        >>> disagreement(logits, [0, 0]).tolist()
        [[0.0, 0.5], [0.5, 0.0]]
    """
    logits, labels = check_rows(logits, labels)
    predicted = logits.argmax(axis=-1)
    return np.array([[np.mean(one != other) for other in predicted] for one in predicted])


def double_fault(logits: ArrayLike, labels: ArrayLike) -> Array:
    """Compute the fraction of rows that two members both predict wrongly, 0 to 1; the diagonal has the error rates."""
    wrong = 1.0 - _correct(logits, labels)
    both: Array = wrong @ wrong.T / wrong.shape[1]
    return both


def q_statistic(logits: ArrayLike, labels: ArrayLike) -> Array:
    """Compute Yule's Q of two members' correctness: 1 on the same rows, 0 independent, -1 on different rows.

    It is NaN where it is not defined, for instance for two members without errors.
    """
    both, neither, one, other = _counts(_correct(logits, labels))
    same, differ = both * neither, one * other
    return np.divide(same - differ, same + differ, out=np.full(both.shape, np.nan), where=same + differ > 0)


def error_correlation(logits: ArrayLike, labels: ArrayLike) -> Array:
    """Compute the correlation of two members' errors, -1 to 1; NaN for members that are always correct or wrong."""
    both, neither, one, other = _counts(_correct(logits, labels))
    spread = np.sqrt((both + one) * (neither + other) * (both + other) * (neither + one))
    return np.divide(both * neither - one * other, spread, out=np.full(both.shape, np.nan), where=spread > 0)


@dataclass(frozen=True)
class Ambiguity:
    """The parts of the loss of equal weights: `ensemble` = `members` - `ambiguity`.

    Attributes:
        members: The mean of the members' losses.
        ambiguity: What the members' differences gain, 0 or more; 0 where all predict the same.
        ensemble: The loss of the members' mean.
    """

    members: float
    ambiguity: float
    ensemble: float


def ambiguity(logits: ArrayLike, labels: ArrayLike, over: Over = "logits") -> Ambiguity:
    """Decompose the loss of equal weights into the members' mean loss and their ambiguity, exactly.

    Over probabilities the loss is the Brier score (Krogh and Vedelsby 1995). Over logits it is the log loss (Heskes
    1998, doi:10.1162/089976698300017232), whose ambiguity is the mean Kullback-Leibler divergence of the members from
    their mean.

    Args:
        logits: The members' logits, (members, samples, classes).
        labels: The class ids, (samples,).
        over: The space in which members are averaged, "logits" or "probabilities".

    Raises:
        ValueError: `over` is unknown, or `ensembles.rule.check_rows` refuses the arrays.
        TypeError: The arrays have other dtypes than `check_rows` takes.

    Examples:
        >>> found = ambiguity(np.array([[[2.0, 0.0]], [[0.0, 1.0]]]), [0])
        >>> round(found.members - found.ambiguity - found.ensemble, 9)
        0.0
    """
    check_over(over)
    logits, labels = check_rows(logits, labels)
    loss = metrics.log_loss if over == "logits" else metrics.brier
    with without_warnings():
        members = float(np.mean([loss(member, labels) for member in logits]))
    logs = log_softmax(logits)
    if over == "logits":
        gains = -np.log(np.exp(logs.mean(axis=0)).sum(axis=1))
    else:
        probabilities = np.exp(logs)
        gains = ((probabilities - probabilities.mean(axis=0)) ** 2).sum(axis=2).mean(axis=0)
    return Ambiguity(members, float(gains.mean()), members - float(gains.mean()))


def removal(
    rule: Rule,
    logits: ArrayLike,
    labels: ArrayLike,
    score: RowScore = "accuracy",
    *,
    groups: ArrayLike | None = None,
    confidence: float = 0.95,
    seed: int = 0,
) -> list[Interval]:
    """Compute for each member by how much the score rises when the member is left out, with an interval.

    The rule is fitted again without the member; both predict out of fold. An interval around 0 means that the effect of
    leaving the member out cannot be told from chance.

    Args:
        rule: The rule that combines the members; it is not changed.
        logits: The members' logits, (members, samples, classes).
        labels: The class ids, (samples,).
        score: "accuracy", "balanced_accuracy" or "log_loss".
        groups: What each row is of, (samples,), such as a patient: intervals count groups, and folds keep them
            together, but where a class has one group alone, which no fold can be without.
        confidence: The probability that an interval holds the true difference.
        seed: The seed of the folds and of the bootstrap.

    Raises:
        ValueError: There is one member only, or the rule's `fit` raises it.

    Examples:
        >>> from ensembles import Soft
        >>> random, labels = np.random.default_rng(0), np.arange(200) % 2
        >>> logits = random.normal(size=(2, 200, 2)) * np.array([1, 5])[:, None, None]
        >>> logits[0] += 3 * np.eye(2)[labels]  # the other one only adds noise
        >>> good, harmful = removal(Soft(), logits, labels)
        >>> good.high < 0 < harmful.low
        True
    """
    logits, labels = check_rows(logits, labels)
    if len(logits) < 2:
        raise ValueError("Expected at least 2 members; received 1. Without it there is no prediction.")
    apart = partial(difference, labels=labels, score=score, groups=groups, confidence=confidence, seed=seed)
    numbers = None if groups is None else numbered(groups, len(labels), "groups")
    together = numbers if numbers is not None and usable_folds(labels, 2, numbers) > 1 else None
    predict = partial(out_of_fold, labels=labels, seed=seed, groups=together, singles=True)
    with without_warnings():
        whole = predict(deepcopy(rule), logits)
        others = [np.delete(np.arange(len(logits)), member) for member in range(len(logits))]
        without = [predict(for_members(rule, rest.tolist()), logits[rest]) for rest in others]
        return [apart(rest, whole) for rest in without]


def _correct(logits: ArrayLike, labels: ArrayLike) -> Array:
    """Return which member is correct on which row: (members, samples) float64 of 0 and 1."""
    logits, labels = check_rows(logits, labels)
    correct: Array = (logits.argmax(axis=-1) == labels).astype(np.float64)
    return correct


def _counts(correct: Array) -> tuple[Array, Array, Array, Array]:
    """Count the rows on which both of two members are correct, neither, the first only, the second only."""
    wrong = 1 - correct
    return correct @ correct.T, wrong @ wrong.T, correct @ wrong.T, wrong @ correct.T
