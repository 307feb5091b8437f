"""Metrics of predictions: logits (samples, classes) floating-point against labels (samples,) integers.

Metrics return one float and raise what `ensembles.rule.check_rows` raises. Those that depend on the scale of logits
warn where they are given probabilities; pass `np.log(probabilities)`. The predicted class is the argmax, the first
where several are equal. Macro averages are scikit-learn's, over the classes that occur among labels or predictions; a
class without rows, or never predicted, counts 0 there, without a warning.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ensembles.checks import as_numbers
from ensembles.input_warnings import warn_of_probabilities, without_warnings
from ensembles.rule import Array, check_rows


def softmax(logits: ArrayLike) -> Array:
    """Turn logits (..., classes) into probabilities float32 of the same shape; raises as `log_softmax`.

    Examples:
        >>> softmax([[0.0, 0.0]]).tolist()
        [[0.5, 0.5]]
    """
    return np.exp(log_softmax(logits)).astype(np.float32)


def log_softmax(logits: ArrayLike) -> Array:
    """Turn logits (..., classes) into log-probabilities float64, exact also where a probability rounds to 0.

    A logit may be minus infinity, for a probability of 0, if not all of a row are.

    Raises:
        ValueError: There are no classes, or logits are NaN or infinite.
        TypeError: Logits are no numbers.
    """
    logits = as_numbers(logits, "logits")
    if logits.ndim == 0 or logits.shape[-1] == 0:
        raise ValueError(f"Expected logits (..., classes); received shape {logits.shape}. Pass one row or more.")
    highest = logits.max(axis=-1, keepdims=True)
    if not np.isfinite(highest).all():  # NaN is the highest of its row, and so is infinity
        rows = np.count_nonzero(~np.isfinite(highest))
        raise ValueError(
            f"Expected finite logits; received rows with NaN or infinity, {rows} of {highest.size}. Leave these rows "
            "out, or the member that diverged."
        )
    shifted = logits.astype(np.float64) - highest
    result: Array = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return result


def accuracy(logits: ArrayLike, labels: ArrayLike) -> float:
    """Compute the fraction of rows whose predicted class is the label.

    Examples:
        >>> accuracy([[2.0, 0.0], [0.0, 1.0], [1.0, 0.0], [3.0, 0.0]], [0, 1, 1, 0])
        0.75
    """
    predicted, labels = _predicted(logits, labels)
    return float(np.mean(predicted == labels))


def balanced_accuracy(logits: ArrayLike, labels: ArrayLike) -> float:
    """Compute the recall of each class that has rows, averaged over these classes.

    Examples:
        >>> balanced_accuracy([[2.0, 0.0], [2.0, 0.0], [2.0, 0.0], [1.0, 0.0]], [0, 0, 0, 1])
        0.5
    """
    from sklearn.metrics import recall_score

    predicted, labels = _predicted(logits, labels)
    # scikit-learn's balanced_accuracy_score is the same number, but warns of predicted classes without a row.
    return float(recall_score(labels, predicted, labels=np.unique(labels), average="macro"))


def precision(logits: ArrayLike, labels: ArrayLike) -> float:
    """Compute macro precision: of the rows predicted as a class, the fraction that is correct."""
    from sklearn.metrics import precision_score

    return _macro(precision_score, logits, labels)


def recall(logits: ArrayLike, labels: ArrayLike) -> float:
    """Compute macro recall: of the rows of a class, the fraction that is predicted as it.

    It is below `balanced_accuracy` where a class without rows is predicted.
    """
    from sklearn.metrics import recall_score

    return _macro(recall_score, logits, labels)


def f1(logits: ArrayLike, labels: ArrayLike) -> float:
    """Compute macro F1: the harmonic mean of a class' precision and recall."""
    from sklearn.metrics import f1_score

    return _macro(f1_score, logits, labels)


def log_loss(logits: ArrayLike, labels: ArrayLike) -> float:
    """Compute the mean of -log(probability of the true class), in nats.

    It is computed from logits, so it is exact where scikit-learn has to clip a probability that rounded to 0.

    Examples:
        >>> round(log_loss([[0.0, 0.0]], [1]), 4)  # log(2)
        0.6931
    """
    logits, labels = check_rows(logits, labels, axes=2)
    warn_of_probabilities(logits)
    return float(-np.take_along_axis(log_softmax(logits), labels[:, None], axis=1).mean())


def brier(logits: ArrayLike, labels: ArrayLike) -> float:
    """Compute the Brier score: the mean squared distance of probabilities from one-hot labels, 0 to 2 (Brier 1950).

    Examples:
        >>> brier([[0.0, 0.0]], [1])
        0.5
    """
    probabilities, labels = _probabilities(logits, labels)
    one_hot = np.eye(probabilities.shape[1])[labels]
    return float(np.square(probabilities - one_hot).sum(axis=1).mean())


def ece(logits: ArrayLike, labels: ArrayLike, bins: int = 15) -> float:
    """Compute the expected calibration error, 0 to 1 (Guo et al. 2017, arXiv:1706.04599).

    It is the mean of |accuracy - confidence| over the bins of `reliability`, each weighted by its number of rows.

    Examples:
        >>> ece([[0.0, 0.0], [0.0, 0.0]], [0, 1])  # half of the rows are correct at a confidence of one half
        0.0
    """
    found = reliability(logits, labels, bins)
    gaps = np.abs(found.accuracy - found.confidence)[found.rows > 0]
    return float((gaps * found.rows[found.rows > 0]).sum() / found.rows.sum())


@dataclass(frozen=True, eq=False)
class Reliability:
    """The numbers of a reliability diagram, each (bins,); means of a bin without rows are NaN.

    Attributes:
        rows: The number of rows in each bin.
        confidence: The mean of the highest probability of these rows.
        accuracy: The fraction of these rows that is correct.
    """

    rows: Array
    confidence: Array
    accuracy: Array


def reliability(logits: ArrayLike, labels: ArrayLike, bins: int = 15) -> Reliability:
    """Compare confidence with accuracy in bins of equal width (Niculescu-Mizil and Caruana 2005).

    Bin b holds the rows with a confidence in (b / bins, (b + 1) / bins]. The paper is doi:10.1145/1102351.1102430.

    Raises:
        ValueError: `bins` is not a whole number of 1 or more.

    Examples:
        >>> reliability([[0.0, 0.0], [9.0, 0.0]], [0, 0], bins=2).rows.tolist()
        [1, 1]
    """
    if not (isinstance(bins, int) and bins >= 1):
        raise ValueError(f"Expected bins as a whole number of 1 or more; received {bins!r}.")
    probabilities, labels = _probabilities(logits, labels)
    confidence = probabilities.max(axis=1)
    correct = probabilities.argmax(axis=1) == labels
    bin_of_row = np.clip(np.ceil(confidence * bins).astype(int) - 1, 0, bins - 1)
    rows, *sums = (np.bincount(bin_of_row, weights, bins) for weights in (None, confidence, correct))
    means = [np.divide(total, rows, out=np.full(bins, np.nan), where=rows > 0) for total in sums]
    return Reliability(rows, *means)


def scores(logits: ArrayLike, labels: ArrayLike) -> dict[str, float]:
    """Compute all metrics of this module, by name.

    Examples:
        >>> list(scores([[2.0, 0.0], [0.0, 2.0]], [0, 1]))
        ['accuracy', 'balanced_accuracy', 'precision', 'recall', 'f1', 'log_loss', 'brier', 'ece']
    """
    metrics = (accuracy, balanced_accuracy, precision, recall, f1, log_loss, brier, ece)
    logits, labels = check_rows(logits, labels, axes=2)
    warn_of_probabilities(logits)
    with without_warnings():
        return {metric.__name__: metric(logits, labels) for metric in metrics}


def _probabilities(logits: ArrayLike, labels: ArrayLike) -> tuple[Array, Array]:
    logits, labels = check_rows(logits, labels, axes=2)
    warn_of_probabilities(logits)
    return np.exp(log_softmax(logits)), labels


def _predicted(logits: ArrayLike, labels: ArrayLike) -> tuple[Array, Array]:
    logits, labels = check_rows(logits, labels, axes=2)
    return logits.argmax(axis=1), labels


def _macro(score: Callable[..., Any], logits: ArrayLike, labels: ArrayLike) -> float:
    predicted, labels = _predicted(logits, labels)
    return float(score(labels, predicted, average="macro", zero_division=0))
