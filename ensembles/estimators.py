"""What a fitted scikit-learn classifier computes, as affine maps and activations, where that is all it is."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from ensembles.rule import Array
from ensembles.space import log_softmax

ACTIVATIONS: dict[str, Callable[[Array], Array]] = {
    "identity": lambda x: x,
    "logistic": lambda x: 1 / (1 + np.exp(-x)),
    "tanh": np.tanh,
    "relu": lambda x: np.maximum(x, 0),
}
"""Of hidden layers, by scikit-learn's names."""

TOLERANCE = 1e-6  # of a probability


@dataclass(frozen=True, eq=False)
class Maps:
    """An activation after each affine map (kernel, bias) but the last, which answers with logits."""

    name: ClassVar[str] = "maps"

    affine: list[tuple[Array, Array]]
    activation: str = "identity"

    def logits(self, features: Array) -> Array:
        """Map (samples, features) to (samples, classes) float64."""
        kernel, bias = self.affine[0]
        return self.after_first(features @ kernel + bias)

    def after_first(self, mapped: Array) -> Array:
        """Go on from what the first affine map gave."""
        for kernel, bias in self.affine[1:]:
            mapped = ACTIVATIONS[self.activation](mapped) @ kernel + bias
        return mapped


def maps_of(estimator: Any, features: Array) -> Maps | None:
    """Read a linear classifier or an MLP, behind scalers or found by a search or not; None where it is something else.

    Whether it is one is not asked of its class but of its answers: the maps must give its probabilities.
    """
    searched = getattr(estimator, "best_estimator_", estimator)
    *scalers, last = [step for _, step in getattr(searched, "steps", [("", searched)])]
    maps = _maps_of_last(last)
    if maps is None or not all(hasattr(scaler, "scale_") and hasattr(scaler, "mean_") for scaler in scalers):
        return None
    for scaler in reversed(scalers):
        maps = _behind(scaler, maps)
    same = np.allclose(np.exp(log_softmax(maps.logits(features))), estimator.predict_proba(features), atol=TOLERANCE)
    return maps if same else None


def _maps_of_last(estimator: Any) -> Maps | None:
    if hasattr(estimator, "coefs_"):
        maps = Maps(list(zip(estimator.coefs_, estimator.intercepts_, strict=True)), estimator.activation)
    elif hasattr(estimator, "coef_"):
        maps = Maps([(np.asarray(estimator.coef_).T, np.asarray(estimator.intercept_))])
    else:
        return None
    return _of_all_classes(maps)


def _behind(scaler: Any, maps: Maps) -> Maps:
    """The maps of features that are not yet scaled, by scikit-learn's ``StandardScaler``."""
    (kernel, bias), *others = maps.affine
    scale = np.ones(len(kernel)) if scaler.scale_ is None else scaler.scale_
    mean = np.zeros(len(kernel)) if scaler.mean_ is None else scaler.mean_
    scaled = kernel / scale[:, None]
    return Maps([(scaled, bias - mean @ scaled), *others], maps.activation)


def _of_all_classes(maps: Maps) -> Maps:
    """Of two classes scikit-learn keeps the log odds of the second only."""
    *hidden, (kernel, bias) = maps.affine
    if kernel.shape[1] > 1:
        return maps
    return Maps([*hidden, (np.hstack([-kernel, kernel]) / 2, np.hstack([-bias, bias]) / 2)], maps.activation)
