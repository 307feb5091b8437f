"""The answer of every rule that weighs members: Soft, Best, Weighted and Greedy."""

import numpy as np

from ensembles.rule import Array
from ensembles.space import Over, answered, spoken


def vote(weights: Array, logits: Array, over: Over) -> Array:
    """Average logits (members, samples, classes) to (samples, classes) float32.

    `weights` are (members,), or (members, classes) for every class its own. A softmax does not see what is added to
    all logits of a row, but weights by class would: for these, logits are centred over the classes first.
    """
    # Member by member in float64: no float64 copy of all the logits, which may be larger than memory.
    total = np.zeros(logits.shape[1:], np.float64)
    for weight, member in zip(weights.astype(np.float64), logits, strict=True):
        total += weight * to_weigh(spoken(member, over), weights, over)
    return answered(total, over)


def connected(weights: Array) -> Array:
    """Find the members that weights (members,) or (members, classes) let speak at all: positions, int64."""
    return np.flatnonzero(weights.reshape(len(weights), -1).any(axis=1))


def to_weigh(answers: Array, weights: Array, over: Over) -> Array:
    """Centre logits (..., classes) where weights are by class."""
    if weights.ndim == 1 or over == "probabilities":
        return answers
    centred: Array = answers - answers.mean(axis=-1, keepdims=True)
    return centred


def weigh(weights: Array, answers: Array) -> Array:
    """Add up answers (members, samples, classes) that lie in memory: (samples, classes) float64."""
    if weights.ndim == 1:
        total: Array = np.tensordot(weights, answers, axes=1)
        return total
    by_class: Array = np.einsum("mc,mnc->nc", weights, answers)
    return by_class
