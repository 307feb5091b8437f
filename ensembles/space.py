"""What rules average: members' logits, or their probabilities."""

from typing import Literal, get_args

import numpy as np

from ensembles.rule import Array

Over = Literal["logits", "probabilities"]

FLOOR = 1e-30
"""The least probability whose logarithm is taken; float32 still knows it."""


def log_softmax(logits: Array) -> Array:
    """Logarithms of the probabilities (..., classes) float64, exact also where a probability rounds to 0."""
    shifted = logits.astype(np.float64) - logits.max(axis=-1, keepdims=True)
    result: Array = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return result


def spoken(logits: Array, over: Over) -> Array:
    """What is averaged of members' logits (..., classes): themselves, or their softmax; float64."""
    return logits.astype(np.float64) if over == "logits" else np.exp(log_softmax(logits))


def answered(averaged: Array, over: Over) -> Array:
    """Logits (samples, classes) float32 of what was averaged; of probabilities the logarithm."""
    if over == "probabilities":
        averaged = np.log(np.maximum(averaged, FLOOR))
    return averaged.astype(np.float32)


def check_over(over: str) -> None:
    """Check the option that every averaging rule has.

    Raises:
        ValueError: neither of the two.
    """
    if over not in get_args(Over):
        raise ValueError(f'expected over "logits" or "probabilities", received {over!r}')
