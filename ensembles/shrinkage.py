"""How strongly learned weights are shrunk towards equal ones: chosen by cross-validation, with caution."""

import numpy as np
from numpy.typing import ArrayLike

from ensembles.folds import divided, usable_folds
from ensembles.penalties import folds_for_search, rows_for_search
from ensembles.rule import Array
from ensembles.shares import numbered
from ensembles.simplex import best_weights, row_losses
from ensembles.weighted_mean import Over, centre_for, weighted_sum

SHRINKAGES = (np.inf, 1000.0, 100.0, 10.0, 1.0, 0.0)
"""What `shrinkage="cv"` tries, the strongest first: infinity gives equal weights, 0 the least log loss."""


def cross_validated_shrinkage(
    outputs: Array, labels: Array, equal: Array, over: Over, seed: int, groups: ArrayLike | None = None
) -> float:
    """Choose the strongest shrinkage whose held-out log loss is within one standard error of the least.

    This is the one-standard-error rule (Breiman et al., Classification and Regression Trees, 1984) with the standard
    error of the paired differences. Weights stay equal where a class has one row, or one group, which cannot be held
    out.

    Args:
        outputs: The members' logits or probabilities, (members, samples, classes) floating-point.
        labels: The class ids, (samples,).
        equal: Equal weights, (members,) or (members, classes).
        over: What the outputs are.
        seed: The seed of the folds.
        groups: What each row is of, (samples,); they stay whole in the folds.
    """
    units = None if groups is None else numbered(groups, len(labels), "groups")
    rows = rows_for_search(len(labels), seed)
    if rows is not None:
        rows = np.sort(rows)  # reads a memory-mapped array in order
        outputs, labels, units = outputs.take(rows, axis=1), labels[rows], None if units is None else units[rows]
    folds = folds_for_search(rows)
    if usable_folds(labels, folds, units) < 2 or len(equal) == 1:
        return float(np.inf)
    losses = _held_out_losses(outputs, labels, equal, over, divided(labels, folds, seed, units))
    excess = losses - losses[losses.mean(axis=1).argmin()]
    errors = _standard_errors(excess, units)
    return float(SHRINKAGES[int(np.argmax(excess.mean(axis=1) <= errors))])


def _standard_errors(excess: Array, units: Array | None) -> Array:
    """Return the standard error of the mean of each row of (shrinkages, samples).

    With groups it is that of independent groups: from the sums of the deviations of each.
    """
    count = excess.shape[1]
    if units is None:
        errors: Array = excess.std(axis=1, ddof=1) / np.sqrt(count)
        return errors
    deviations = excess - excess.mean(axis=1, keepdims=True)
    sums = np.stack([np.bincount(units, row) for row in deviations])
    number = len(np.unique(units))
    return np.sqrt(number / (number - 1) * (sums**2).sum(axis=1)) / count


def _held_out_losses(
    outputs: Array, labels: Array, equal: Array, over: Over, folds: list[tuple[Array, Array]]
) -> Array:
    """Return the log loss of every row under each of `SHRINKAGES`: (shrinkages, samples)."""
    losses = np.empty((len(SHRINKAGES), len(labels)))
    outputs = outputs.astype(np.float64)
    for training, held_out in folds:
        # `take`, for indexing the second axis leaves an array that has to be copied for every product.
        inside, outside, weights = outputs.take(training, axis=1), outputs.take(held_out, axis=1), equal
        for index, shrinkage in enumerate(SHRINKAGES):  # each starts from the weights of the stronger one before
            weights = best_weights(inside, labels[training], equal, over, shrinkage, weights)
            combined = weighted_sum(weights, centre_for(weights, outside, over))
            losses[index, held_out] = row_losses(combined, labels[held_out], over)[0]
    return losses
