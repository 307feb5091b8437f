"""Activations in the form that runtimes know.

Keras' exact GELU is TensorFlow's ``Erfc``, which is slower on a CPU than ``Erf``, and which ONNX does not have.
"""

from __future__ import annotations

import keras

from zoo.surgery.graph import replaced, steps

ROOT_OF_HALF = 0.5**0.5


def with_plain_activations(model: keras.Model) -> keras.Model:
    """The network with each exact GELU written with ``erf`` (Hendrycks and Gimpel, arXiv:1606.08415).

    Args:
        model: a flat one; it is not changed, and shares the layers that stay.
    """
    exact = [step.operation for step in steps(model) if _is_gelu(step.operation)]
    return replaced(model, {id(layer): _with_erf(layer) for layer in exact})


def gelu_by_erf(x: keras.KerasTensor) -> keras.KerasTensor:
    """``x`` times the share of a normal distribution that lies below it."""
    return 0.5 * x * (1.0 + keras.ops.erf(x * ROOT_OF_HALF))


def _is_gelu(operation: keras.Operation) -> bool:
    return getattr(operation, "activation", None) is keras.activations.gelu


def _with_erf(layer: keras.layers.Layer) -> keras.layers.Layer:
    new = type(layer).from_config(layer.get_config() | {"activation": gelu_by_erf})
    new.build(layer.input.shape)
    new.set_weights(layer.get_weights())
    return new
