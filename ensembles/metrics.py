"""How good an answer is: metrics of logits (samples, classes) floating against labels (samples,) integers.

All answer one float and raise what `ensembles.rule.check_rows` raises. The predicted class is the argmax, the
first of equals. Macro averages are scikit-learn's, over the classes that occur among the labels or the
predictions; a class without rows, or never predicted, counts 0 there, without a warning.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ensembles.rule import Array, check_rows
from ensembles.space import log_softmax


def softmax(logits: ArrayLike) -> Array:
    """Turn logits (..., classes) into probabilities float32 of the same shape."""
    return np.exp(log_softmax(np.asarray(logits))).astype(np.float32)


def accuracy(logits: ArrayLike, labels: ArrayLike) -> float:
    """Share of rows whose predicted class is the label."""
    predicted, labels = _predicted(logits, labels)
    return float(np.mean(predicted == labels))


def balanced_accuracy(logits: ArrayLike, labels: ArrayLike) -> float:
    """Mean over the classes present among the labels of the share of their rows that is right."""
    from sklearn.metrics import recall_score

    predicted, labels = _predicted(logits, labels)
    # scikit-learn's balanced_accuracy_score is the same number, but warns of predicted classes without a row.
    return float(recall_score(labels, predicted, labels=np.unique(labels), average="macro"))


def precision(logits: ArrayLike, labels: ArrayLike) -> float:
    """Macro precision: of the rows predicted as a class, the share that is right."""
    from sklearn.metrics import precision_score

    return _macro(precision_score, logits, labels)


def recall(logits: ArrayLike, labels: ArrayLike) -> float:
    """Macro recall: of the rows of a class, the share that is found.

    It is below `balanced_accuracy` where a class is predicted that has no rows.
    """
    from sklearn.metrics import recall_score

    return _macro(recall_score, logits, labels)


def f1(logits: ArrayLike, labels: ArrayLike) -> float:
    """Macro F1: the harmonic mean of a class's precision and recall."""
    from sklearn.metrics import f1_score

    return _macro(f1_score, logits, labels)


def log_loss(logits: ArrayLike, labels: ArrayLike) -> float:
    """Mean of -log(probability of the true class), in nats.

    From the logits themselves: exact where scikit-learn has to clip a probability that rounded to 0.
    """
    logits, labels = check_rows(logits, labels, axes=2)
    return float(-np.take_along_axis(log_softmax(logits), labels[:, None], axis=1).mean())


def brier(logits: ArrayLike, labels: ArrayLike) -> float:
    """Mean squared distance between a row's probabilities and its one-hot label, 0 to 2 (Brier 1950)."""
    probabilities, labels = _probabilities(logits, labels)
    one_hot = np.eye(probabilities.shape[1])[labels]
    return float(np.square(probabilities - one_hot).sum(axis=1).mean())


def ece(logits: ArrayLike, labels: ArrayLike, bins: int = 15) -> float:
    """Expected calibration error: |accuracy - confidence| of equal-width bins of confidence, averaged.

    Guo et al. 2017, arXiv:1706.04599. Bins count by their rows; see `reliability`.
    """
    found = reliability(logits, labels, bins)
    gaps = np.abs(found.accuracy - found.confidence)[found.rows > 0]
    return float((gaps * found.rows[found.rows > 0]).sum() / found.rows.sum())


@dataclass(frozen=True, eq=False)
class Reliability:
    """What a reliability diagram draws; each (bins,), NaN for a bin without rows.

    Attributes:
        rows: how many fall in each bin.
        confidence: their mean highest probability.
        accuracy: the share of them that is right.
    """

    rows: Array
    confidence: Array
    accuracy: Array


def reliability(logits: ArrayLike, labels: ArrayLike, bins: int = 15) -> Reliability:
    """Compare confidence with accuracy in equal-width bins; bin b holds confidence in (b / bins, (b + 1) / bins].

    Niculescu-Mizil and Caruana 2005, doi:10.1145/1102351.1102430.
    """
    if not (isinstance(bins, int) and bins >= 1):
        raise ValueError(f"expected bins as a whole number of 1 or more, received {bins!r}")
    probabilities, labels = _probabilities(logits, labels)
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == labels
    bin_of_row = np.clip(np.ceil(confidence * bins).astype(int) - 1, 0, bins - 1)
    rows, *sums = (np.bincount(bin_of_row, weights, bins) for weights in (None, confidence, right))
    means = [np.divide(total, rows, out=np.full(bins, np.nan), where=rows > 0) for total in sums]
    return Reliability(rows, *means)


def scores(logits: ArrayLike, labels: ArrayLike) -> dict[str, float]:
    """Compute all metrics of this module, by name."""
    metrics = (accuracy, balanced_accuracy, precision, recall, f1, log_loss, brier, ece)
    return {metric.__name__: metric(logits, labels) for metric in metrics}


def _probabilities(logits: ArrayLike, labels: ArrayLike) -> tuple[Array, Array]:
    logits, labels = check_rows(logits, labels, axes=2)
    return np.exp(log_softmax(logits)), labels


def _predicted(logits: ArrayLike, labels: ArrayLike) -> tuple[Array, Array]:
    logits, labels = check_rows(logits, labels, axes=2)
    return logits.argmax(axis=1), labels


def _macro(score: Callable[..., Any], logits: ArrayLike, labels: ArrayLike) -> float:
    predicted, labels = _predicted(logits, labels)
    return float(score(labels, predicted, average="macro", zero_division=0))
