"""Weights on a simplex with the least log loss, shrunk towards equal ones if wanted."""

from collections.abc import Callable

import numpy as np

from ensembles.rule import Array
from ensembles.weighted_mean import FLOOR, Over, centre_for, weighted_sum

ROUNDING = 1e-6  # weights below it are what the solver leaves of 0
BLOCK = 1024  # rows: float64 copies of so many stay in the processor's caches


def best_weights(
    outputs: Array, labels: Array, equal: Array, over: Over, shrinkage: float, start: Array | None = None
) -> Array:
    """Minimise the mean log loss plus 0.5 * shrinkage * members * |w - equal|^2 / samples.

    Args:
        outputs: The members' logits or probabilities, (members, samples, classes) floating-point.
        labels: The class ids, (samples,).
        equal: Equal weights: (members,), or (members, classes) for weights by class.
        over: What the outputs are.
        shrinkage: The strength of the penalty, 0 or more; infinity gives the equal weights.
        start: Weights to start from; by default the equal ones.

    Returns:
        Weights of the shape of `equal`, 0 or more, summing to 1 over the members.
    """
    if np.isinf(shrinkage) or len(equal) == 1:
        return equal
    penalty = shrinkage * len(outputs) / len(labels)

    def objective(flat: Array) -> tuple[float, Array]:
        weights = flat.reshape(equal.shape)
        loss, gradient = log_loss_of_weights(weights, outputs, labels, over)
        excess = weights - equal
        return loss + penalty / 2 * float((excess**2).sum()), (gradient + penalty * excess).ravel()

    found = _project(_minimise(objective, equal if start is None else start))
    # `<=` is False for NaN too: where the solver breaks down, weights stay equal.
    return found if objective(found.ravel())[0] <= objective(equal.ravel())[0] else equal


def log_loss_of_weights(weights: Array, outputs: Array, labels: Array, over: Over) -> tuple[float, Array]:
    """Return the mean log loss of weights, and its gradient in their shape."""
    loss, gradient = 0.0, np.zeros_like(weights)
    for start in range(0, len(labels), BLOCK):
        rows = slice(start, start + BLOCK)
        block = centre_for(weights, np.ascontiguousarray(outputs[:, rows], np.float64), over)
        losses, slopes = row_losses(weighted_sum(weights, block), labels[rows], over)
        loss += losses.sum()
        gradient += np.einsum("mnc,nc->mc", block, slopes) if weights.ndim == 2 else np.tensordot(block, slopes, axes=2)
    return float(loss) / len(labels), gradient / len(labels)


def row_losses(combined: Array, labels: Array, over: Over) -> tuple[Array, Array]:
    """Return the log loss of each row of (samples, classes), and its gradient with respect to `combined`.

    Over logits z the loss is logsumexp(z) - z[true]; over probabilities p it is log(sum(p) / p[true]), for
    probabilities with weights by class do not sum to 1.
    """
    rows = np.arange(len(labels))
    if over == "logits":
        shifted = combined - combined.max(axis=1, keepdims=True)
        odds = np.exp(shifted)
        sums = odds.sum(axis=1)
        slopes = odds / sums[:, None]
        losses = np.log(sums) - shifted[rows, labels]
        slopes[rows, labels] -= 1
        return losses, slopes
    sums, true = combined.sum(axis=1), np.maximum(combined[rows, labels], FLOOR)
    slopes = np.repeat(1 / sums[:, None], combined.shape[1], axis=1)
    slopes[rows, labels] -= 1 / true
    return np.log(sums / true), slopes


def _minimise(objective: Callable[[Array], tuple[float, Array]], start: Array) -> Array:
    from scipy.optimize import minimize

    members = len(start)
    columns = start.size // members
    sums = np.tile(np.eye(columns), members)  # sums over the members; weights lie in memory member by member
    found = minimize(
        objective,
        start.ravel(),
        jac=True,
        method="SLSQP",
        bounds=[(0, 1)] * start.size,
        constraints={"type": "eq", "fun": lambda w: sums @ w - 1, "jac": lambda _: sums},
        options={"ftol": 1e-12, "maxiter": 1000},
    )
    solution: Array = found.x.reshape(start.shape)
    return solution


def _project(found: Array) -> Array:
    """Set to 0 what the solver leaves below zero or at rounding size, and make the rest sum to 1."""
    kept = np.where(found > ROUNDING, found, 0.0)
    weights: Array = kept / kept.sum(axis=0)
    return weights
