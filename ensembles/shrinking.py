"""How far learned weights are drawn towards equal ones: by cross-validation, and with caution."""

import numpy as np

from ensembles.crossval import stratified_folds, usable_folds
from ensembles.rule import Array
from ensembles.simplex import best_weights, row_losses
from ensembles.space import Over
from ensembles.vote import to_weigh, weigh

SHRINKAGES = (np.inf, 1000.0, 100.0, 10.0, 1.0, 0.0)
"""What `shrinkage="cv"` tries, the strongest first: infinity is equal weights, 0 the least log loss."""

FOLDS = 5
MOST_ROWS = 10_000
"""The penalty stands beside the summed loss, so its best strength does not grow with the rows: so many tell it."""


def cross_validated_shrinkage(answers: Array, labels: Array, equal: Array, over: Over, seed: int) -> float:
    """Choose the strongest shrinkage that is as good as the best one, as far as held-out rows can tell.

    This is the one-standard-error rule (Breiman et al., Classification and Regression Trees, 1984), the standard
    error being that of the paired differences. A class of one row cannot be held out: equal weights then.
    """
    if len(labels) > MOST_ROWS:
        rows = np.sort(np.random.default_rng(seed).choice(len(labels), MOST_ROWS, replace=False))
        answers, labels = answers.take(rows, axis=1), labels[rows]
    if usable_folds(labels, FOLDS) < 2 or len(equal) == 1:
        return float(np.inf)
    losses = _held_out_losses(answers, labels, equal, over, seed)
    apart = losses - losses[losses.mean(axis=1).argmin()]
    errors = apart.std(axis=1, ddof=1) / np.sqrt(len(labels))
    return float(SHRINKAGES[int(np.argmax(apart.mean(axis=1) <= errors))])


def _held_out_losses(answers: Array, labels: Array, equal: Array, over: Over, seed: int) -> Array:
    """Log loss of every row under each of `SHRINKAGES`: (shrinkages, samples)."""
    losses = np.empty((len(SHRINKAGES), len(labels)))
    answers = answers.astype(np.float64)
    for seen, held_out in stratified_folds(labels, FOLDS, seed).split(labels, labels):
        # `take`, for indexing the second axis leaves an array that has to be copied for every product.
        inside, outside, weights = answers.take(seen, axis=1), answers.take(held_out, axis=1), equal
        for place, shrinkage in enumerate(SHRINKAGES):  # each starts where the stronger one ended
            weights = best_weights(inside, labels[seen], equal, over, shrinkage, weights)
            combined = weigh(weights, to_weigh(outside, weights, over))
            losses[place, held_out] = row_losses(combined, labels[held_out], over)[0]
    return losses
