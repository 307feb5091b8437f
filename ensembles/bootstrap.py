"""Confidence intervals of scores and of paired differences, by the bootstrap or Student's t; the exact sign test."""

from collections.abc import Sequence
from math import ceil, inf, isinf, log2
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from ensembles.checks import as_array, as_finite, check_count, check_share
from ensembles.input_warnings import warn_of_probabilities
from ensembles.metrics import log_softmax
from ensembles.rule import Array, check_rows
from ensembles.shares import Interval, Strata, numbered, share_interval, strata_of

__all__ = [
    "Interval",
    "difference",
    "fewest_differing_rows",
    "interval",
    "mean_interval",
    "row_scores",
    "share_interval",
    "sign_test",
]

RowScore = Literal["accuracy", "balanced_accuracy", "log_loss"]
FEW = 20  # rows of a class; fewer that are resampled vary too little
BATCH_ROWS = 500_000  # resampled rows at a time: more of them leave the processor's caches, and take memory


def interval(
    logits: ArrayLike,
    labels: ArrayLike,
    score: RowScore = "accuracy",
    *,
    groups: ArrayLike | None = None,
    confidence: float = 0.95,
    resamples: int = 1000,
    seed: int = 0,
) -> Interval:
    """Compute a score of logits (samples, classes) with its interval.

    Accuracy has Clopper and Pearson's interval, balanced accuracy that of a Bayesian bootstrap, both of which hold for
    few rows and for no errors (`share_interval`). Log loss has that of `mean_interval`.

    Args:
        logits: The logits of one model or rule, (samples, classes).
        labels: The class ids, (samples,).
        score: "accuracy", "balanced_accuracy" or "log_loss".
        groups: What each row is of, (samples,), such as a patient, where rows are not independent of each other: the
            interval is then that of new groups. None where each row is by itself.
        confidence: The probability that the interval holds the true score, above 0, below 1.
        resamples: How often the rows are resampled.
        seed: The seed of the resampling.

    Raises:
        ValueError: The score or the confidence is none of those above, or `check_rows` refuses the arrays.
        TypeError: The arrays have other dtypes than `check_rows` takes.

    Examples:
        >>> logits, labels = np.eye(2)[[0, 1] * 20] * 3, np.array([0, 1] * 20)
        >>> labels[:4] = 1 - labels[:4]  # 4 errors in 40 rows
        >>> found = interval(logits, labels)
        >>> found.value, found.low < 0.9 < found.high
        (0.9, True)
    """
    logits, labels = check_rows(logits, labels, axes=2)
    rows, strata = row_scores(logits, labels, score), _strata(score, labels)
    of_mean = mean_interval if score == "log_loss" else share_interval
    found = of_mean(rows, strata, groups=groups, confidence=confidence, resamples=resamples, seed=seed)
    return _within(found, 0.0, inf)


def difference(
    logits: ArrayLike,
    others: ArrayLike,
    labels: ArrayLike,
    score: RowScore = "accuracy",
    *,
    groups: ArrayLike | None = None,
    confidence: float = 0.95,
    resamples: int = 1000,
    seed: int = 0,
) -> Interval:
    """Compute by how much `logits` score higher than `others` on the same rows, with the interval of `mean_interval`.

    Rows that both predict correctly, or both wrongly, cancel, so the interval shows much smaller differences than two
    separate intervals do. At this confidence there is a difference if the interval does not contain 0.

    Arguments and errors are those of `interval`; `others` are the logits of another model or rule on the same rows,
    (samples, classes).

    Examples:
        >>> labels = np.array([0, 1] * 20)
        >>> one = np.eye(2)[labels] * 3
        >>> other = one.copy()
        >>> other[:10] = 3 - other[:10]  # wrong on 10 rows of 40
        >>> found = difference(one, other, labels)
        >>> found.value, found.low > 0
        (0.25, True)
    """
    logits, labels = check_rows(logits, labels, axes=2)
    others, labels = check_rows(others, labels, axes=2)
    gains, strata = row_scores(logits, labels, score) - row_scores(others, labels, score), _strata(score, labels)
    found = mean_interval(gains, strata, groups=groups, confidence=confidence, resamples=resamples, seed=seed)
    return found if score == "log_loss" else _within(found, -1.0, 1.0)


def mean_interval(
    scores: ArrayLike,
    labels: ArrayLike | None = None,
    *,
    groups: ArrayLike | None = None,
    confidence: float = 0.95,
    resamples: int = 1000,
    seed: int = 0,
) -> Interval:
    """Compute the mean of any scores of rows (samples,), such as differences, with its percentile bootstrap's interval.

    With labels (samples,) it is the mean of the classes' means, as in balanced accuracy, and rows are resampled within
    each class. Where all scores of each class are equal the interval has no width: rows that are resampled contain no
    errors that the rows do not have. `share_interval` is for scores of 0 to 1, whose limits are known.

    With fewer than 20 rows in a class, it is Student's interval of what each row adds to the mean, and with groups
    (samples,) of what each group adds (Cameron and Miller 2015, doi:10.3368/jhr.50.2.317): few that are resampled vary
    too little. The degrees of freedom are Welch's over the classes (1947, doi:10.1093/biomet/34.1-2.28). Classes of one
    row count as one class of several. One row or group alone says nothing of others, so the interval is endless, unless
    all scores are 0.

    Raises:
        ValueError: There are no rows, scores are not finite, labels or groups have another shape, or the confidence is
            not between 0 and 1.

    Examples:
        >>> found = mean_interval([1.0, 0.0, 1.0, 1.0] * 10, [0, 0, 1, 1] * 10)
        >>> found.value, round(found.low, 2), round(found.high, 2)
        (0.75, 0.62, 0.88)
    """
    scores = as_finite(scores, "scores")
    labels = np.zeros(scores.shape, int) if labels is None else as_array(labels, "labels")
    if labels.dtype.kind == "f":
        as_finite(labels, "labels")
    if scores.ndim != 1 or not scores.size or labels.shape != scores.shape:
        raise ValueError(
            f"Expected finite scores (samples,) and as many labels; received shapes {scores.shape} and {labels.shape}. "
            "Pass one score and one class id a row."
        )
    check_share(confidence, "a confidence")
    samples = [scores[labels == value] for value in np.unique(labels)]
    if groups is not None or min(map(len, samples)) < FEW:
        return _of_units(strata_of(scores, labels, groups), confidence)
    return _interval(samples, confidence, resamples, seed)


def row_scores(logits: Array, labels: Array, score: RowScore) -> Array:
    """Score each row, (samples,) float64: its log loss, or 1 where the predicted class is correct and 0 elsewhere.

    Raises:
        ValueError: The score is unknown, or `check_rows` refuses the arrays.
        TypeError: The arrays have other dtypes than `check_rows` takes.
    """
    logits, labels = check_rows(logits, labels, axes=2)
    if score == "log_loss":
        warn_of_probabilities(logits)
    if score == "log_loss":
        losses: Array = -log_softmax(logits)[np.arange(len(labels)), labels]
        return losses
    if score in ("accuracy", "balanced_accuracy"):
        correct: Array = (logits.argmax(axis=1) == labels).astype(np.float64)
        return correct
    raise ValueError(f"Expected a score among accuracy, balanced_accuracy, log_loss; received {score!r}.")


def sign_test(logits: ArrayLike, others: ArrayLike, labels: ArrayLike, *, groups: ArrayLike | None = None) -> float:
    """Compute the one-sided p-value of the exact sign test that `logits` are correct on more rows than `others`.

    Only rows that exactly one of the two predicts correctly count (McNemar 1947, doi:10.1007/BF02295996). If neither
    were better, each of these rows would favour either with probability 1/2. The test is valid for few rows too, where
    the bootstrap is overconfident: when all of six such rows favour one, the bootstrap is certain at 0.99, though
    chance alone does that in one of 64 cases. With groups (samples,), such as patients, each group counts once: for the
    one that is correct on more of its rows.

    Examples:
        >>> labels = np.zeros(6, int)
        >>> sign_test(np.tile([1.0, 0.0], (6, 1)), np.tile([0.0, 1.0], (6, 1)), labels)
        0.015625
    """
    from scipy.stats import binomtest

    logits, labels = check_rows(logits, labels, axes=2)
    others, labels = check_rows(others, labels, axes=2)
    gains = (logits.argmax(axis=1) == labels).astype(int) - (others.argmax(axis=1) == labels)
    if groups is not None:
        gains = np.sign(np.bincount(numbered(groups, len(labels), "groups"), gains))
    differ = int(np.count_nonzero(gains))
    return float(binomtest(int(np.sum(gains > 0)), differ, alternative="greater").pvalue) if differ else 1.0


def fewest_differing_rows(level: float) -> int:
    """Return the least n with 0.5^n <= level: rows that must differ, all in one's favour, to reach this p-value."""
    return ceil(log2(1 / level))


def _interval(samples: Sequence[Array], confidence: float, resamples: int, seed: int) -> Interval:
    from scipy.stats import bootstrap

    def mean_of_means(*parts: Array, axis: int = -1) -> Array:
        return np.mean([part.mean(axis=axis) for part in parts], axis=0)

    check_share(confidence, "a confidence")
    check_count(resamples, "resamples")
    value = float(mean_of_means(*samples))
    if all(len(set(part.tolist())) == 1 for part in samples):
        return Interval(value, value, value)
    found = bootstrap(
        samples,
        mean_of_means,
        n_resamples=resamples,
        batch=max(1, BATCH_ROWS // sum(map(len, samples))),
        confidence_level=confidence,
        method="percentile",
        rng=np.random.default_rng(seed),
    ).confidence_interval
    return Interval(value, float(found.low), float(found.high))


def _of_units(strata: Strata, confidence: float) -> Interval:
    from scipy.stats import t

    groups, value = strata.by_class(1.0), strata.mean
    if groups.min() == 1 and strata.scored:
        return Interval(value, -np.inf, np.inf)
    share = strata.weights / strata.by_class(strata.sizes) * np.sqrt(groups / np.maximum(groups - 1, 1))
    added = (strata.sums - strata.means[strata.classes] * strata.sizes) * share[strata.classes]
    of_classes, variance = strata.by_class(added**2), strata.counts @ np.bincount(strata.kinds, added) ** 2
    if not of_classes.any():
        return Interval(value, value, value)
    freedom = of_classes.sum() ** 2 / (of_classes**2 / (groups - 1)).sum()
    half = float(t.ppf((1 + confidence) / 2, freedom) * np.sqrt(variance))
    return Interval(value, value - half, value + half)


def _within(found: Interval, low: float, high: float) -> Interval:
    """Cut an interval where no score is; an endless one says that nothing is known, and stays."""
    return found if isinf(found.high) else Interval(found.value, max(found.low, low), min(found.high, high))


def _strata(score: RowScore, labels: Array) -> Array | None:
    return labels if score == "balanced_accuracy" else None
