"""Activations in the form that runtimes know.

Keras' exact GELU is TensorFlow's ``Erfc``, which is slower on a CPU than ``Erf``, and which ONNX does not have. Its
SiLU has a gradient of its own, which a SavedModel would carry as a function for each call.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import keras
import numpy as np

from zoo.surgery.absorbing import KERNELS, absorbing_after, absorbing_before, absorbs_after, absorbs_before
from zoo.surgery.affine import Affine
from zoo.surgery.network import Link, Memo

ROOT_OF_HALF = 0.5**0.5

Activation = Callable[[Any], Any]


def with_plain_activations(links: Sequence[Link], memo: Memo) -> list[Link]:
    """Write each exact GELU with ``erf``, and each SiLU with ``sigmoid`` (Hendrycks and Gimpel, arXiv:1606.08415).

    Of a GELU ``0.5 x (1 + erf(x / sqrt 2))`` between two layers with kernels only ``x (1 + erf x)`` is left: the first
    kernel divides, the second multiplies.
    """
    left = list(links)
    for place, link in enumerate(links):
        if _has(link.operation, keras.activations.silu):
            left[place] = _as(link, silu_by_sigmoid, memo)
        elif _has(link.operation, keras.activations.gelu):
            around = left[max(place - 1, 0) : place + 2]
            if len(around) == 3 and _is_between(*around):
                left[place - 1 : place + 2] = _without_constants(around, memo)
            else:
                left[place] = _as(link, gelu_by_erf, memo)
    return left


def gelu_by_erf(x: Any) -> Any:
    """``x`` times the share of a normal distribution that lies below it."""
    return 0.5 * x * (1.0 + keras.ops.erf(x * ROOT_OF_HALF))


def gelu_of_shrunk(x: Any) -> Any:
    """The GELU of ``x * sqrt 2``, times ``sqrt 2``."""
    return x * (1.0 + keras.ops.erf(x))


def silu_by_sigmoid(x: Any) -> Any:
    """``x`` times its logistic sigmoid."""
    return x * keras.ops.sigmoid(x)


def _as(link: Link, activation: Activation, memo: Memo) -> Link:
    made = memo.once(activation.__name__, [link.operation], lambda: _with(link, activation))
    return replace(link, operation=made)


def _has(operation: keras.Operation, activation: Activation) -> bool:
    return type(operation) in (keras.layers.Activation, *KERNELS) and operation.activation is activation


def _is_between(before: Link, link: Link, after: Link) -> bool:
    alone = type(link.operation) is keras.layers.Activation
    return alone and absorbs_after(before.operation) and absorbs_before(after.operation, _times(1.0, after))


def _without_constants(three: Sequence[Link], memo: Memo) -> list[Link]:
    before, link, after = three

    def made() -> tuple[keras.layers.Layer, ...]:
        shrunk = absorbing_after(before, _times(ROOT_OF_HALF, link))
        grown = absorbing_before(after, _times(ROOT_OF_HALF, after))
        return shrunk, _with(link, gelu_of_shrunk), grown

    layers = memo.once("gelu", [own.operation for own in three], made)
    return [replace(own, operation=layer) for own, layer in zip(three, layers, strict=True)]


def _times(factor: float, link: Link) -> Affine:
    """Multiply what a link is given."""
    channels: Any = link.shape[-1]
    return Affine(np.full(channels, factor), np.zeros(channels))


def _with(link: Link, activation: Activation) -> keras.layers.Layer:
    layer = link.operation
    new = type(layer).from_config(layer.get_config() | {"activation": activation})
    new.build(link.shape)
    new.set_weights(layer.get_weights())
    return new
