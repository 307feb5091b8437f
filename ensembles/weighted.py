"""Weighted voting: one weight a member, of the least log loss."""

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from ensembles.rule import Array, check_fitted, check_rows, check_same, weighted_sum


class Weighted:
    """Average the members' logits by the weights, >= 0 and summing to 1, of the least log loss.

    The problem is convex: for the margins d[m] = z[m] - z[m, true class], linear in the weights w, the loss
    is the mean of logsumexp(sum_m w[m] d[m]) over rows, logsumexp is convex, and the weights live on a
    simplex. So the minimum is global, no seed is needed, and the only freedom left is between members that
    say the same. It is found by sequential quadratic programming (Kraft 1988, SciPy's SLSQP) with the
    analytic gradient, from equal weights.

    Attributes:
        weights_: (members,) float64, >= 0, summing to 1; exactly 0 where a member does not help.
        shape_: (members, classes) of the fit.

    See Also:
        Soft: equal weights.
        Stacked: also weights classes.
    """

    name = "weighted"
    weights_: Array
    shape_: tuple[int, int]

    def fit(self, logits: ArrayLike, labels: ArrayLike) -> Self:
        """Find the weights; see `Rule.fit`. Their loss on these rows is never above that of equal weights."""
        logits, labels = check_rows(logits, labels)
        self.weights_ = _best_weights(_margins(logits, labels))
        self.shape_ = (logits.shape[0], logits.shape[2])
        return self

    def combine(self, logits: ArrayLike) -> Array:
        """Weigh logits (members, samples, classes) to (samples, classes) float32; see `Rule.combine`."""
        logits = check_same(self, logits)
        return weighted_sum(self.weights_, logits)

    def to_dict(self) -> dict[str, Any]:
        """Describe the fitted rule in what JSON knows; see `Rule.to_dict`."""
        members, classes = check_fitted(self)
        shape = {"members": members, "classes": classes}
        return {"name": self.name, "options": {}, **shape, "weights": self.weights_.tolist()}

    @classmethod
    def from_dict(cls, saved: Mapping[str, Any]) -> Self:
        """Make the rule that `to_dict` described."""
        rule = cls(**saved["options"])
        rule.shape_ = (saved["members"], saved["classes"])
        rule.weights_ = np.asarray(saved["weights"], np.float64).reshape(saved["members"])
        return rule


def _margins(logits: Array, labels: Array) -> Array:
    """Each logit less that of the true class: (members, samples, classes) float64."""
    logits = logits.astype(np.float64)
    true = labels[None, :, None]
    margins: Array = logits - np.take_along_axis(logits, true, axis=-1)
    return margins


def _loss(weights: Array, margins: Array) -> tuple[float, Array]:
    """Log loss of these weights, and its gradient (members,)."""
    from scipy.special import logsumexp, softmax

    combined = np.tensordot(weights, margins, axes=1)
    gradient = np.tensordot(margins, softmax(combined, axis=-1), axes=2) / len(combined)
    return float(logsumexp(combined, axis=-1).mean()), gradient


def _best_weights(margins: Array) -> Array:
    from scipy.optimize import minimize

    equal = np.full(len(margins), 1 / len(margins))
    found = minimize(
        _loss,
        equal,
        args=(margins,),
        jac=True,
        method="SLSQP",
        bounds=[(0, 1)] * len(margins),
        constraints={"type": "eq", "fun": lambda w: w.sum() - 1, "jac": np.ones_like},
        options={"ftol": 1e-12, "maxiter": 1000},
    )
    weights = _on_simplex(found.x)
    # `<=` is False for NaN too: a solver that broke down leaves equal weights.
    return weights if _loss(weights, margins)[0] <= _loss(equal, margins)[0] else equal


def _on_simplex(found: Array) -> Array:
    """Drop what the solver leaves below zero or at rounding size, and make the rest sum to 1."""
    kept = np.where(found > 1e-6, found, 0.0)
    weights: Array = kept / kept.sum()
    return weights
