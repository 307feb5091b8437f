"""The weights on a simplex that have the least log loss, near to equal ones if wanted."""

from collections.abc import Callable

import numpy as np

from ensembles.rule import Array
from ensembles.space import FLOOR, Over
from ensembles.vote import to_weigh, weigh

ROUNDING = 1e-6  # weights below it are what the solver leaves of 0
BLOCK = 1024  # rows: float64 copies of so many stay in the caches


def best_weights(
    answers: Array, labels: Array, equal: Array, over: Over, shrinkage: float, start: Array | None = None
) -> Array:
    """Minimise the mean log loss and 0.5 * shrinkage * members * |w - equal|^2 / samples.

    Args:
        answers: (members, samples, classes) floating, logits as they are or probabilities.
        labels: (samples,).
        equal: equal weights, (members,) or (members, classes) for every class its own.
        over: what the answers are.
        shrinkage: infinity gives the equal weights.
        start: weights to start from, by default the equal ones.

    Returns:
        weights of the shape of `equal`, >= 0, summing to 1 over the members.
    """
    if np.isinf(shrinkage) or len(equal) == 1:
        return equal
    penalty = shrinkage * len(answers) / len(labels)

    def objective(flat: Array) -> tuple[float, Array]:
        weights = flat.reshape(equal.shape)
        loss, gradient = log_loss_of_weights(weights, answers, labels, over)
        apart = weights - equal
        return loss + penalty / 2 * float((apart**2).sum()), (gradient + penalty * apart).ravel()

    found = _on_simplex(_minimise(objective, equal if start is None else start))
    # `<=` is False for NaN too: a solver that broke down leaves equal weights.
    return found if objective(found.ravel())[0] <= objective(equal.ravel())[0] else equal


def log_loss_of_weights(weights: Array, answers: Array, labels: Array, over: Over) -> tuple[float, Array]:
    """Mean log loss of weights, and its gradient in their shape."""
    loss, gradient = 0.0, np.zeros_like(weights)
    for start in range(0, len(labels), BLOCK):
        rows = slice(start, start + BLOCK)
        block = to_weigh(np.ascontiguousarray(answers[:, rows], np.float64), weights, over)
        losses, slopes = row_losses(weigh(weights, block), labels[rows], over)
        loss += losses.sum()
        gradient += np.einsum("mnc,nc->mc", block, slopes) if weights.ndim == 2 else np.tensordot(block, slopes, axes=2)
    return float(loss) / len(labels), gradient / len(labels)


def row_losses(combined: Array, labels: Array, over: Over) -> tuple[Array, Array]:
    """The log loss of each row of (samples, classes), and its gradient by `combined`.

    Probabilities that were weighed by class do not sum to 1, and are divided by their sum.
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
    each_sums = np.tile(np.eye(columns), members)  # weights lie in memory member by member
    found = minimize(
        objective,
        start.ravel(),
        jac=True,
        method="SLSQP",
        bounds=[(0, 1)] * start.size,
        constraints={"type": "eq", "fun": lambda w: each_sums @ w - 1, "jac": lambda _: each_sums},
        options={"ftol": 1e-12, "maxiter": 1000},
    )
    solution: Array = found.x.reshape(start.shape)
    return solution


def _on_simplex(found: Array) -> Array:
    """Drop what the solver leaves below zero or at rounding size, and make the rest sum to 1."""
    kept = np.where(found > ROUNDING, found, 0.0)
    weights: Array = kept / kept.sum(axis=0)
    return weights
