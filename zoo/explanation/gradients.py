"""Gradients of a function of tensors, under each of Keras' backends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np


def gradient(function: Callable[[Any], Any], at: Any) -> np.ndarray:
    """Differentiate a function that returns one number, by its argument.

    Args:
        function: of a tensor, in ``keras.ops``.
        at: the tensor.

    Raises:
        NotImplementedError: a backend that computes no gradients.
    """
    backend = keras.backend.backend()
    if backend not in BACKENDS:
        raise NotImplementedError(
            f"Expected a backend that computes gradients: {', '.join(BACKENDS)}; received {backend!r}. "
            "Use method='occlusion'."
        )
    return np.asarray(keras.ops.convert_to_numpy(BACKENDS[backend](function, at)))


def _tensorflow(function: Callable[[Any], Any], at: Any) -> Any:
    import tensorflow as tf

    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(at)
        value = function(at)
    return tape.gradient(value, at)


def _jax(function: Callable[[Any], Any], at: Any) -> Any:
    import jax

    return jax.grad(function)(at)


def _torch(function: Callable[[Any], Any], at: Any) -> Any:
    import torch

    leaf = at.detach().requires_grad_()
    return torch.autograd.grad(function(leaf), leaf)[0]


BACKENDS = {"tensorflow": _tensorflow, "jax": _jax, "torch": _torch}
