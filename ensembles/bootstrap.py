"""How sure a score is, and a difference of two: by drawing the rows again (Efron 1979)."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from ensembles.rule import Array, check_rows
from ensembles.space import log_softmax

RowScore = Literal["accuracy", "balanced_accuracy", "log_loss"]
AT_ONCE = 500_000  # drawn rows: more of them leave the caches, and take memory


@dataclass(frozen=True)
class Interval:
    """A score and the interval that holds it with a confidence.

    Attributes:
        value: on the rows themselves.
        low: the lower end.
        high: the upper end.
    """

    value: float
    low: float
    high: float


def interval(
    logits: ArrayLike,
    labels: ArrayLike,
    score: RowScore = "accuracy",
    *,
    confidence: float = 0.95,
    resamples: int = 1000,
    seed: int = 0,
) -> Interval:
    """Return a score of logits (samples, classes) with its percentile bootstrap interval."""
    logits, labels = check_rows(logits, labels, axes=2)
    return _interval(row_scores(logits, labels, score), labels, score, confidence, resamples, seed)


def difference(
    logits: ArrayLike,
    others: ArrayLike,
    labels: ArrayLike,
    score: RowScore = "accuracy",
    *,
    confidence: float = 0.95,
    resamples: int = 1000,
    seed: int = 0,
) -> Interval:
    """Return how much higher one answer scores than another on the same rows: the paired bootstrap.

    What both get right, or wrong, cancels, so that much smaller differences show than between two intervals. A
    difference is real, at this confidence, where the interval leaves out 0.
    """
    logits, labels = check_rows(logits, labels, axes=2)
    others, labels = check_rows(others, labels, axes=2)
    apart = row_scores(logits, labels, score) - row_scores(others, labels, score)
    return _interval(apart, labels, score, confidence, resamples, seed)


def row_scores(logits: Array, labels: Array, score: RowScore) -> Array:
    """Score each row: 1 where it is right, or its log loss; (samples,) float64.

    Raises:
        ValueError: no such score.
    """
    if score == "log_loss":
        losses: Array = -log_softmax(logits)[np.arange(len(labels)), labels]
        return losses
    if score in ("accuracy", "balanced_accuracy"):
        right: Array = (logits.argmax(axis=1) == labels).astype(np.float64)
        return right
    raise ValueError(f"expected a score among accuracy, balanced_accuracy, log_loss, received {score!r}")


def _interval(rows: Array, labels: Array, score: RowScore, confidence: float, resamples: int, seed: int) -> Interval:
    from scipy.stats import bootstrap

    groups = _groups(labels) if score == "balanced_accuracy" else [np.arange(len(labels))]
    samples = tuple(rows[group] for group in groups)

    def mean_of_means(*parts: Array, axis: int = -1) -> Array:
        return np.mean([part.mean(axis=axis) for part in parts], axis=0)

    value = float(mean_of_means(*samples))
    if len(rows) < 2 or all(len(set(part.tolist())) == 1 for part in samples):
        return Interval(value, value, value)
    found = bootstrap(
        _long_enough(samples),
        mean_of_means,
        n_resamples=resamples,
        batch=max(1, AT_ONCE // len(rows)),
        confidence_level=confidence,
        method="percentile",
        rng=np.random.default_rng(seed),
    ).confidence_interval
    return Interval(value, float(found.low), float(found.high))


def _groups(labels: Array) -> list[Array]:
    """Rows of each class that is present: these are drawn class by class."""
    return [np.flatnonzero(labels == value) for value in np.unique(labels)]


def _long_enough(samples: tuple[Array, ...]) -> tuple[Array, ...]:
    """SciPy wants two values a sample; one value drawn again is itself."""
    return tuple(np.repeat(sample, 2) if len(sample) == 1 else sample for sample in samples)
