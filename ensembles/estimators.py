"""Fitted scikit-learn classifiers as affine maps and activations, where they compute nothing else."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from ensembles.metrics import log_softmax
from ensembles.registry import savable
from ensembles.rule import Array

ACTIVATIONS: dict[str, Callable[[Array], Array]] = {
    "identity": lambda x: x,
    "logistic": lambda x: 1 / (1 + np.exp(-x)),
    "tanh": np.tanh,
    "relu": lambda x: np.maximum(x, 0),
}
"""Activations of hidden layers, by scikit-learn's names."""

TOLERANCE = 1e-6  # of a probability


@savable
@dataclass(frozen=True, eq=False)
class AffineMaps:
    """Affine maps with an activation between each and the next; the last one gives logits.

    Attributes:
        affine: The maps in order, each a kernel (inputs, outputs) and a bias (outputs,).
        activation: A key of `ACTIVATIONS`.
    """

    name: ClassVar[str] = "maps"

    affine: list[tuple[Array, Array]]
    activation: str = "identity"

    def logits(self, features: Array) -> Array:
        """Map features (samples, features) to logits (samples, classes) float64."""
        kernel, bias = self.affine[0]
        return self.after_first(features @ kernel + bias)

    def after_first(self, mapped: Array) -> Array:
        """Map the output of the first affine map to logits."""
        for kernel, bias in self.affine[1:]:
            mapped = ACTIVATIONS[self.activation](mapped) @ kernel + bias
        return mapped


def affine_maps(estimator: Any, features: Array) -> AffineMaps | None:
    """Read a fitted classifier as affine maps: a linear one or an MLP, also behind scalers or found by a search.

    Classes of scikit-learn are not listed here. A classifier has maps if these give the classifier's probabilities of
    `features` (samples, features).

    Returns:
        The maps, or None where the classifier computes something else.
    """
    searched = getattr(estimator, "best_estimator_", estimator)
    *scalers, last = [step for _, step in getattr(searched, "steps", [("", searched)])]
    maps = _maps_of_last(last)
    if maps is None or not all(hasattr(scaler, "scale_") and hasattr(scaler, "mean_") for scaler in scalers):
        return None
    for scaler in reversed(scalers):
        maps = _fold_scaler(scaler, maps)
    same = np.allclose(np.exp(log_softmax(maps.logits(features))), estimator.predict_proba(features), atol=TOLERANCE)
    return maps if same else None


def _maps_of_last(estimator: Any) -> AffineMaps | None:
    if hasattr(estimator, "coefs_"):
        maps = AffineMaps(list(zip(estimator.coefs_, estimator.intercepts_, strict=True)), estimator.activation)
    elif hasattr(estimator, "coef_"):
        maps = AffineMaps([(np.asarray(estimator.coef_).T, np.asarray(estimator.intercept_))])
    else:
        return None
    return _with_both_classes(maps)


def _fold_scaler(scaler: Any, maps: AffineMaps) -> AffineMaps:
    """Return the maps of unscaled features: ((x - mean) / scale) @ K + b = x @ (K / scale) + (b - mean @ K / scale)."""
    (kernel, bias), *others = maps.affine
    scale = np.ones(len(kernel)) if scaler.scale_ is None else scaler.scale_
    mean = np.zeros(len(kernel)) if scaler.mean_ is None else scaler.mean_
    scaled = kernel / scale[:, None]
    return AffineMaps([(scaled, bias - mean @ scaled), *others], maps.activation)


def _with_both_classes(maps: AffineMaps) -> AffineMaps:
    """Give two classes a logit each: scikit-learn keeps the log odds of the second only."""
    *hidden, (kernel, bias) = maps.affine
    if kernel.shape[1] > 1:
        return maps
    return AffineMaps([*hidden, (np.hstack([-kernel, kernel]) / 2, np.hstack([-bias, bias]) / 2)], maps.activation)
