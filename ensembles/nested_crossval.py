"""Nested cross-validation: the score of a choice, on rows that had no say in it."""

from collections.abc import Callable
from typing import TypeVar

import numpy as np

from ensembles.folds import divided, usable_folds
from ensembles.rule import Array

Choice = TypeVar("Choice")

FOLDS = 5


def nested_predictions(
    choose: Callable[[Array], Choice],
    predict: Callable[[Choice], Array],
    labels: Array,
    *,
    groups: Array | None = None,
) -> Array | None:
    """Predict every row by what the rows of the other folds chose.

    The best of many candidates looks better on the rows that chose it than it is (the winner's curse). Scores of this
    result are those of the choice itself: no row takes part in the choice by which it is predicted.

    Args:
        choose: Makes a choice from some rows, by index.
        predict: What a choice predicts for all rows, (samples, classes) logits; itself out of fold where rules learn.
        labels: The class ids, (samples,).
        groups: What each row is of, (samples,), or None.

    Returns:
        Logits (samples, classes); None where a class has too few rows, or groups, for two folds.

    Examples:
        >>> labels = np.arange(40) % 2
        >>> random = np.random.default_rng(0)
        >>> candidates = random.normal(size=(50, 40, 2))  # none of them knows anything
        >>> right = (candidates.argmax(axis=2) == labels).mean
        >>> def best(rows):
        ...     return (candidates[:, rows].argmax(axis=2) == labels[rows]).mean(axis=1).argmax()
        >>> bool(right(axis=1).max() > 0.65)
        True
        >>> chosen = nested_predictions(best, lambda choice: candidates[choice], labels)
        >>> bool((chosen.argmax(axis=1) == labels).mean() < 0.6)
        True
    """
    if usable_folds(labels, FOLDS, groups) < 2:
        return None
    parts = [(held_out, predict(choose(others))[held_out]) for others, held_out in divided(labels, FOLDS, 0, groups)]
    predictions = np.empty((len(labels), parts[0][1].shape[1]), np.float32)
    for rows, part in parts:
        predictions[rows] = part
    return predictions
