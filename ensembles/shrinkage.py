"""How strongly learned weights are shrunk towards equal ones: chosen by cross-validation, with caution."""

import numpy as np

from ensembles.crossval import stratified_folds, usable_folds
from ensembles.penalties import rows_for_search
from ensembles.rule import Array
from ensembles.simplex import best_weights, row_losses
from ensembles.vote import Over, centre_for, weighted_sum

SHRINKAGES = (np.inf, 1000.0, 100.0, 10.0, 1.0, 0.0)
"""What `shrinkage="cv"` tries, the strongest first: infinity gives equal weights, 0 the least log loss."""

FOLDS = 5


def cross_validated_shrinkage(outputs: Array, labels: Array, equal: Array, over: Over, seed: int) -> float:
    """Choose the strongest shrinkage whose held-out log loss is within one standard error of the least.

    This is the one-standard-error rule (Breiman et al., Classification and Regression Trees, 1984) with the standard
    error of the paired differences. Weights stay equal where a class has one row, which cannot be held out.

    Args:
        outputs: The members' logits or probabilities, (members, samples, classes) floating-point.
        labels: The class ids, (samples,).
        equal: Equal weights, (members,) or (members, classes).
        over: What the outputs are.
        seed: The seed of the folds.
    """
    rows = rows_for_search(len(labels), seed)
    if rows is not None:
        rows = np.sort(rows)  # reads a memory-mapped array in order
        outputs, labels = outputs.take(rows, axis=1), labels[rows]
    if usable_folds(labels, FOLDS) < 2 or len(equal) == 1:
        return float(np.inf)
    losses = _held_out_losses(outputs, labels, equal, over, seed)
    excess = losses - losses[losses.mean(axis=1).argmin()]
    errors = excess.std(axis=1, ddof=1) / np.sqrt(len(labels))
    return float(SHRINKAGES[int(np.argmax(excess.mean(axis=1) <= errors))])


def _held_out_losses(outputs: Array, labels: Array, equal: Array, over: Over, seed: int) -> Array:
    """Return the log loss of every row under each of `SHRINKAGES`: (shrinkages, samples)."""
    losses = np.empty((len(SHRINKAGES), len(labels)))
    outputs = outputs.astype(np.float64)
    for training, held_out in stratified_folds(labels, FOLDS, seed).split(labels, labels):
        # `take`, for indexing the second axis leaves an array that has to be copied for every product.
        inside, outside, weights = outputs.take(training, axis=1), outputs.take(held_out, axis=1), equal
        for index, shrinkage in enumerate(SHRINKAGES):  # each starts from the weights of the stronger one before
            weights = best_weights(inside, labels[training], equal, over, shrinkage, weights)
            combined = weighted_sum(weights, centre_for(weights, outside, over))
            losses[index, held_out] = row_losses(combined, labels[held_out], over)[0]
    return losses
