"""Weighted means of members, over their logits or over their probabilities.

Rules that weigh members (Soft, Best, Weighted and Greedy) predict by `vote`.
"""

from collections.abc import Sequence
from copy import deepcopy
from typing import Literal, get_args

import numpy as np

from ensembles.metrics import log_softmax
from ensembles.rule import Array, Rule

Over = Literal["logits", "probabilities"]

FLOOR = 1e-30
"""The least probability whose logarithm is taken; float32 can still represent it."""


def check_over(over: str) -> None:
    """Check the option `over` of rules that average.

    Raises:
        ValueError: It is neither "logits" nor "probabilities".
    """
    if over not in get_args(Over):
        raise ValueError(f'Expected over as "logits" or "probabilities"; received {over!r}.')


def to_space(logits: Array, over: Over) -> Array:
    """Turn logits (..., classes) into what is averaged, float64: the logits themselves or their softmax."""
    return logits.astype(np.float64) if over == "logits" else np.exp(log_softmax(logits))


def to_logits(averaged: Array, over: Over) -> Array:
    """Turn an average (samples, classes) back into logits float32: of probabilities, the logarithm."""
    if over == "probabilities":
        averaged = np.log(np.maximum(averaged, FLOOR))
    return averaged.astype(np.float32)


def vote(weights: Array, logits: Array, over: Over) -> Array:
    """Average logits (members, samples, classes) to logits (samples, classes) float32.

    Args:
        weights: One weight a member, (members,), or one a member and class, (members, classes).
        logits: The members' logits.
        over: The space in which they are averaged.

    Examples:
        >>> logits = np.array([[[2.0, 0.0]], [[0.0, 4.0]]])  # 2 members, 1 sample, 2 classes
        >>> vote(np.array([0.5, 0.5]), logits, "logits").tolist()
        [[1.0, 2.0]]
    """
    # Member by member in float64: no float64 copy of all the logits, which may be larger than memory.
    total = np.zeros(logits.shape[1:], np.float64)
    for weight, member in zip(weights.astype(np.float64), logits, strict=True):
        total += weight * centre_for(weights, to_space(member, over), over)
    return to_logits(total, over)


def weighted_sum(weights: Array, outputs: Array) -> Array:
    """Add up members' outputs (members, samples, classes) that fit in memory: (samples, classes) float64."""
    if weights.ndim == 1:
        total: Array = np.tensordot(weights, outputs, axes=1)
        return total
    by_class: Array = np.einsum("mc,mnc->nc", weights, outputs)
    return by_class


def centre_for(weights: Array, outputs: Array, over: Over) -> Array:
    """Centre logits (..., classes) over the classes where weights are by class.

    A softmax does not change when a constant is added to all logits of a row. With one weight a member the combined
    logits change by a constant too; with weights by class they would change by another number in each class.
    """
    if weights.ndim == 1 or over == "probabilities":
        return outputs
    centred: Array = outputs - outputs.mean(axis=-1, keepdims=True)
    return centred


def for_members(rule: Rule, members: Sequence[int]) -> Rule:
    """Copy a rule to be fitted to some of its members alone; a rule that has options of members has a method for it.

    Args:
        rule: The rule, or one with calibration around it.
        members: The members' indices.

    Examples:
        >>> from ensembles import Weighted
        >>> for_members(Weighted(weights=[0.5, 0.3, 0.2]), [0, 2]).weights
        [0.5, 0.2]
    """
    own: Rule = rule.for_members(members) if hasattr(rule, "for_members") else deepcopy(rule)
    return own


def check_members(rule: Rule, count: int) -> None:
    """Check that a rule's own options are for so many members, before these are trained.

    Raises:
        ValueError: It has weights of the user's own for another number.
    """
    if hasattr(rule, "check_members"):
        rule.check_members(count)


def active_members(weights: Array) -> Array:
    """Return the indices, int64, of the members whose weights (members,) or (members, classes) are not all 0.

    Examples:
        >>> active_members(np.array([0.4, 0.0, 0.6])).tolist()
        [0, 2]
    """
    return np.flatnonzero(weights.reshape(len(weights), -1).any(axis=1))
