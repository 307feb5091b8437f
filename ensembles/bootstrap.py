"""How sure a score is, and a difference of two: by drawing the rows again (Efron 1979)."""

from collections.abc import Sequence
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
    rows, groups = row_scores(logits, labels, score), _groups_of(score, labels)
    return mean_interval(rows, groups, confidence=confidence, resamples=resamples, seed=seed)


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
    apart, groups = row_scores(logits, labels, score) - row_scores(others, labels, score), _groups_of(score, labels)
    return mean_interval(apart, groups, confidence=confidence, resamples=resamples, seed=seed)


def mean_interval(
    scores: ArrayLike,
    labels: ArrayLike | None = None,
    *,
    confidence: float = 0.95,
    resamples: int = 1000,
    seed: int = 0,
) -> Interval:
    """Return the mean of scores of rows (samples,) with its percentile bootstrap interval.

    With labels (samples,) it is the mean over the classes of each class's mean, as balanced accuracy is, and rows are
    drawn class by class. Scores that are equal within every class, as where nothing is wrong, have an interval without
    width: rows drawn again hold no errors that were not there.

    Raises:
        ValueError: no rows, scores that are not finite, labels of another shape, or a confidence outside of
            0 to 1.
    """
    scores = np.asarray(scores, np.float64)
    labels = np.zeros(scores.shape, int) if labels is None else np.asarray(labels)
    if scores.ndim != 1 or not scores.size or labels.shape != scores.shape or not np.isfinite(scores).all():
        raise ValueError(
            f"expected finite scores (samples,) and as many labels, received shapes {scores.shape} and {labels.shape}; "
            "hand in one score and one class id a row"
        )
    return _interval([scores[labels == value] for value in np.unique(labels)], confidence, resamples, seed)


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


def _interval(samples: Sequence[Array], confidence: float, resamples: int, seed: int) -> Interval:
    from scipy.stats import bootstrap

    def mean_of_means(*parts: Array, axis: int = -1) -> Array:
        return np.mean([part.mean(axis=axis) for part in parts], axis=0)

    if not 0 < confidence < 1:
        raise ValueError(f"expected a confidence above 0, below 1, received {confidence!r}")
    value = float(mean_of_means(*samples))
    if all(len(set(part.tolist())) == 1 for part in samples):
        return Interval(value, value, value)
    found = bootstrap(
        _long_enough(samples),
        mean_of_means,
        n_resamples=resamples,
        batch=max(1, AT_ONCE // sum(map(len, samples))),
        confidence_level=confidence,
        method="percentile",
        rng=np.random.default_rng(seed),
    ).confidence_interval
    return Interval(value, float(found.low), float(found.high))


def _groups_of(score: RowScore, labels: Array) -> Array | None:
    return labels if score == "balanced_accuracy" else None


def _long_enough(samples: Sequence[Array]) -> tuple[Array, ...]:
    """SciPy wants two values a sample; one value drawn again is itself."""
    return tuple(np.repeat(sample, 2) if len(sample) == 1 else sample for sample in samples)
