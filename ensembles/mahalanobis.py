"""Mahalanobis distance in feature space: an out-of-distribution score of inputs."""

from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from ensembles.checks import as_array, as_finite
from ensembles.rule import Array, check_learned


@dataclass(kw_only=True, eq=False)
class FeatureDistance:
    """Mahalanobis distance from the nearest class in feature space (Lee et al. 2018, arXiv:1807.03888).

    It scores whether an input is out of distribution, which the softmax does not. Every class has a mean of its own;
    the covariance is shared, and shrunk so that few rows are enough in many dimensions (Ledoit and Wolf 2004).

    Attributes:
        means_: The classes' means, (classes, features) float64.
        precision_: The inverse of the covariance, (features, features) float64.

    Examples:
        >>> random, labels = np.random.default_rng(0), np.arange(100) % 2
        >>> features = random.normal(size=(100, 3)) + 9 * labels[:, None]
        >>> distance = FeatureDistance().fit(features, labels)
        >>> near, far = distance.score([[9.0, 9.0, 9.0], [0.0, 50.0, 0.0]])
        >>> bool(near < 1 < 20 < far)
        True
    """

    means_: Array = field(init=False, repr=False)
    precision_: Array = field(init=False, repr=False)

    def fit(self, features: ArrayLike, labels: ArrayLike) -> Self:
        """Learn from features (samples, features) of training images and their labels (samples,).

        Raises:
            ValueError: Shapes do not match, there are fewer than 2 rows, or features are not finite.
        """
        from sklearn.covariance import LedoitWolf

        features, labels = _checked_features(features), as_array(labels, "labels")
        if labels.dtype.kind == "f":
            as_finite(labels, "labels")
        if labels.shape != (len(features),) or len(features) < 2:
            raise ValueError(
                f"Expected 2 rows or more with a label each; received {len(features)} rows and labels of shape "
                f"{labels.shape}."
            )
        values, class_of_row = np.unique(labels, return_inverse=True)
        self.means_ = np.stack([features[labels == value].mean(axis=0) for value in values])
        self.precision_ = LedoitWolf(assume_centered=True).fit(features - self.means_[class_of_row]).precision_
        return self

    def score(self, features: ArrayLike) -> Array:
        """Compute the distances of features (samples, features): (samples,) float64, 0 or more.

        Raises:
            NotFittedError: It has not been fitted.
            ValueError: The number of features is not that of `fit`, or features are not finite.
        """
        check_learned(self, "means_")
        features = _checked_features(features)
        if features.shape[1] != self.means_.shape[1]:
            raise ValueError(f"Expected {self.means_.shape[1]} features, as in fit; received {features.shape[1]}.")
        return np.sqrt(np.min([self._squared(features - mean) for mean in self.means_], axis=0))

    def _squared(self, offsets: Array) -> Array:
        squared: Array = np.maximum(((offsets @ self.precision_) * offsets).sum(axis=1), 0)
        return squared


def _checked_features(features: Any) -> Array:
    array = as_finite(features, "features")
    if array.ndim != 2:
        raise ValueError(
            f"Expected features (samples, features); received shape {array.shape}. Pass one row of features a sample."
        )
    return array
