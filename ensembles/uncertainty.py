"""How unsure an answer is: numbers for each row, larger where an answer deserves less trust."""

from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from ensembles.rule import Array, NotFittedError, check_logits
from ensembles.space import log_softmax


def entropy(logits: ArrayLike) -> Array:
    """Entropy of the probabilities of logits (samples, classes), in nats: 0 to log(classes)."""
    return _entropy(check_logits(logits, axes=2))


def doubt(logits: ArrayLike) -> Array:
    """One less the highest probability (Hendrycks and Gimpel 2017, arXiv:1610.02136), 0 to 1."""
    probabilities = np.exp(log_softmax(check_logits(logits, axes=2)))
    unsure: Array = 1 - probabilities.max(axis=-1)
    return unsure


def mutual_information(member_logits: ArrayLike) -> Array:
    """How far members (members, samples, classes) disagree, in nats: 0 where they say the same.

    The entropy of their mean probabilities less the mean of their entropies (Lakshminarayanan et al. 2017,
    arXiv:1612.01474; Depeweg et al. 2018, arXiv:1710.07283): the doubt that is left when each member's own is taken
    away.
    """
    logs = log_softmax(check_logits(member_logits))
    mean = np.exp(logs).mean(axis=0)
    whole = -(mean * np.log(np.maximum(mean, np.finfo(np.float64).tiny))).sum(axis=-1)
    own = -(np.exp(logs) * logs).sum(axis=-1).mean(axis=0)
    return np.maximum(whole - own, 0)  # not below 0 by rounding


def energy(logits: ArrayLike) -> Array:
    """Energy: less log(sum(exp(logits))) (Liu et al. 2020, arXiv:2010.03759); it has no scale of its own."""
    logits = check_logits(logits, axes=2).astype(np.float64)
    highest = logits.max(axis=-1)
    found: Array = -highest - np.log(np.exp(logits - highest[:, None]).sum(axis=-1))
    return found


SCORES = ("entropy", "doubt", "energy", "mutual_information")
"""What `measure` knows."""


def measure(score: str, member_logits: ArrayLike, combined: ArrayLike) -> Array:
    """Say how unsure each answer is, by the score of this name: (samples,) float64.

    Args:
        score: one of `SCORES`.
        member_logits: (members, samples, classes), of which `mutual_information` alone makes use.
        combined: the rule's logits (samples, classes), of which the others do.

    Raises:
        ValueError: no such score.
    """
    check_score(score)
    if score == "mutual_information":
        return mutual_information(member_logits)
    return {"entropy": entropy, "doubt": doubt, "energy": energy}[score](combined)


def check_score(score: str) -> None:
    """Check an option.

    Raises:
        ValueError: no such score.
    """
    if score not in SCORES:
        raise ValueError(f"expected an uncertainty among {', '.join(SCORES)}, received {score!r}")


@dataclass(kw_only=True, eq=False)
class FeatureDistance:
    """Mahalanobis distance to the nearest class in feature space (Lee et al. 2018, arXiv:1807.03888).

    Classes have their own means and share one covariance, shrunk so that few rows in many dimensions will do (Ledoit
    and Wolf 2004, by scikit-learn). It asks whether a row is like anything in training, which the softmax does not.

    Attributes:
        means_: (classes, features) float64.
        precision_: (features, features) float64, the inverse of the covariance.
    """

    means_: Array = field(init=False, repr=False)
    precision_: Array = field(init=False, repr=False)

    def fit(self, features: ArrayLike, labels: ArrayLike) -> Self:
        """Learn from features (samples, features) of training images, and their labels.

        Raises:
            ValueError: shapes that do not fit together, or features that are not finite.
        """
        from sklearn.covariance import LedoitWolf

        features, labels = _checked_features(features), np.asarray(labels)
        if labels.shape != (len(features),) or len(features) < 2:
            raise ValueError(f"expected 2 rows or more with a label each, received {len(features)} and {labels.shape}")
        values, of_row = np.unique(labels, return_inverse=True)
        self.means_ = np.stack([features[labels == value].mean(axis=0) for value in values])
        self.precision_ = LedoitWolf(assume_centered=True).fit(features - self.means_[of_row]).precision_
        return self

    def score(self, features: ArrayLike) -> Array:
        """Distances (samples,) float64, 0 or more.

        Raises:
            NotFittedError: before `fit`.
            ValueError: features of another width.
        """
        if not hasattr(self, "means_"):
            raise NotFittedError("expected a fitted FeatureDistance, received one before fit; call fit first")
        features = _checked_features(features)
        if features.shape[1] != self.means_.shape[1]:
            raise ValueError(f"expected {self.means_.shape[1]} features as in fit, received {features.shape[1]}")
        return np.sqrt(np.min([self._squared(features - mean) for mean in self.means_], axis=0))

    def _squared(self, apart: Array) -> Array:
        squared: Array = np.maximum(((apart @ self.precision_) * apart).sum(axis=1), 0)
        return squared


def _entropy(logits: Array) -> Array:
    logs = log_softmax(logits)
    found: Array = -(np.exp(logs) * logs).sum(axis=-1)
    return found


def _checked_features(features: Any) -> Array:
    array = np.asarray(features, np.float64)
    if array.ndim != 2 or not np.isfinite(array).all():
        raise ValueError(f"expected finite features (samples, features), received shape {array.shape}")
    return array
