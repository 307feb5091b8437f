"""L2-regularised multinomial logistic regression by preconditioned L-BFGS, from any start."""

from collections.abc import Callable

import numpy as np

from ensembles.rule import Array

FINE, COARSE, ROUGH = 2e-5, 3e-3, 3e-2
"""Tolerances of the summed loss' gradient, in coordinates in which the loss curves by about 1 each way. The coarse one
is accurate enough to tell decades of strength apart, the rough one for a start."""

LARGE = 1_000_000
"""Numbers above which features are float32: two to four times as fast there, and the mean loss is exact to 1e-7."""

ROWS_OF_CURVATURE = 4_000
LEAST_CURVATURE = 0.05  # of a row, as a part of the mean: rows that are told surely now may not be so later


def minimise(features: Array, labels: Array, strength: float, start: Array, tolerance: float = FINE) -> Array:
    """Minimise the summed log loss plus 0.5 * strength * |coefficients|^2; intercepts are free.

    Members' outputs are much alike, so features are too, and the loss curves a thousand times as much one way as
    another. So the search runs in coordinates in which it curves alike: with C = K K' the curvature of the loss by one
    class' coefficients, averaged over the classes (Cholesky), it is K' w in place of w.

    Args:
        features: (samples, features), floating-point.
        labels: Class ids, (samples,); each class has some.
        strength: Above 0.
        start: Coefficients to start from, with the intercepts as the last row: (features + 1, classes).
        tolerance: `FINE`, `COARSE` or `ROUGH`.

    Returns:
        Coefficients and intercepts like `start`, float64.

    Examples:
        >>> features, labels = np.array([[-1.0], [1.0], [3.0], [-3.0]]), np.array([0, 1, 0, 1])
        >>> found = minimise(features, labels, 1.0, np.zeros((2, 2)))
        >>> found.shape, bool(found[0, 0] > 0 > found[0, 1])  # the larger feature speaks for class 0
        ((2, 2), True)
    """
    from scipy.linalg import solve_triangular
    from scipy.optimize import minimize

    root = np.linalg.cholesky(_curvature(features, strength, start))
    loss = _loss_of(features, labels, strength)

    def to_coefficients(flat: Array) -> Array:
        solved: Array = solve_triangular(root, flat.reshape(start.shape), lower=True, trans="T", check_finite=False)
        return solved

    def objective(flat: Array) -> tuple[float, Array]:
        value, gradient = loss(to_coefficients(flat))
        return value, solve_triangular(root, gradient, lower=True, check_finite=False).ravel()

    # Where float32 rounds the loss, it stops to fall before its gradient is below the tolerance.
    least_fall = 1e-7 if features.dtype == np.float32 else 1e-14
    options = {"gtol": tolerance, "ftol": least_fall, "maxcor": 20, "maxiter": 10_000, "maxfun": 20_000}
    found = minimize(objective, (root.T @ start).ravel(), jac=True, method="L-BFGS-B", options=options)
    return to_coefficients(found.x)


def predict(coefficients: Array, features: Array) -> Array:
    """Return the logits (samples, classes) of features."""
    kernel = coefficients.astype(features.dtype, copy=False)
    logits: Array = features @ kernel[:-1] + kernel[-1]
    return logits


def _curvature(features: Array, strength: float, at: Array) -> Array:
    """Return the mean over the classes of the diagonal blocks of the Hessian: (features + 1, features + 1)."""
    step = max(1, len(features) // ROWS_OF_CURVATURE)
    rows = features[::step].astype(np.float64)
    rows = np.column_stack([rows, np.ones(len(rows))])
    odds = _odds(rows @ at)
    probabilities = odds / odds.sum(axis=1, keepdims=True)
    weights = (probabilities * (1 - probabilities)).mean(axis=1)
    weights = np.maximum(weights, LEAST_CURVATURE * weights.mean() + 1e-12)
    found: Array = step * (rows.T * weights) @ rows
    found[np.diag_indices(len(found) - 1)] += strength
    return found


def _loss_of(features: Array, labels: Array, strength: float) -> Callable[[Array], tuple[float, Array]]:
    """Return the function from coefficients (features + 1, classes) to the penalised loss and its gradient."""
    rows = np.arange(len(labels))

    def loss(coefficients: Array) -> tuple[float, Array]:
        # Classes before samples: reductions over the classes run along memory.
        kernel = coefficients.astype(features.dtype, copy=False)
        logits = kernel[:-1].T @ features.T
        logits += kernel[-1][:, None]
        logits -= logits.max(axis=0)
        true = logits[labels, rows].sum(dtype=np.float64)
        slopes = np.exp(logits, out=logits)
        sums = slopes.sum(axis=0)
        slopes /= sums
        slopes[labels, rows] -= 1
        penalised = coefficients[:-1]
        value = np.log(sums).sum(dtype=np.float64) - true + strength / 2 * (penalised**2).sum()
        gradient = (slopes @ features).T + strength * penalised
        return float(value), np.vstack([gradient, slopes.sum(axis=1, dtype=np.float64)])

    return loss


def _odds(logits: Array) -> Array:
    odds: Array = np.exp(logits - logits.max(axis=1, keepdims=True))
    return odds
