"""Activations in the form that runtimes support.

Keras' exact GELU is TensorFlow's ``Erfc``, which is slower on a CPU than ``Erf``, and which ONNX does not have. Its
SiLU has a gradient of its own, which a SavedModel would carry as a function for each call.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import keras
import numpy as np

from zoo.export.optimise.folding import alike
from zoo.export.optimise.kernels import KERNELS, Affine, absorbs_after, absorbs_before
from zoo.export.optimise.rescaling import rescaling
from zoo.models.network import Link, Memo

ROOT_OF_HALF = 0.5**0.5

Activation = Callable[[Any], Any]


def with_plain_activations(links: Sequence[Link], memo: Memo) -> list[Link]:
    """Write each exact GELU with ``erf``, and each SiLU with ``sigmoid`` (Hendrycks and Gimpel, arXiv:1606.08415).

    Of a GELU ``0.5 x (1 + erf(x / sqrt 2))`` between two layers with kernels only ``x (1 + erf x)`` is left, and a
    rescaling on both sides that these take in.
    """
    left: list[Link] = []
    for index, link in enumerate(links):
        if _has(link.operation, keras.activations.silu):
            left.append(_as(link, silu_by_sigmoid, memo))
        elif not _has(link.operation, keras.activations.gelu):
            left.append(link)
        elif 0 < index < len(links) - 1 and _is_between(links[index - 1], link, links[index + 1]):
            left += _between_rescalings(link, memo)
        else:
            left.append(_as(link, gelu_by_erf, memo))
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
    removable = type(link.operation) is keras.layers.Activation and alike(before, link) and alike(link, after)
    return removable and absorbs_after(before.operation) and absorbs_before(after.operation, _shrinking(link))


def _between_rescalings(link: Link, memo: Memo) -> list[Link]:
    def made() -> tuple[keras.layers.Layer, ...]:
        around = rescaling(_shrinking(link), link)
        return around, _with(link, gelu_of_shrunk), around

    return [replace(link, operation=layer) for layer in memo.once("gelu", [link.operation], made)]


def _shrinking(link: Link) -> Affine:
    channels: Any = link.shape[-1]
    return Affine(np.full(channels, ROOT_OF_HALF), np.zeros(channels))


def _with(link: Link, activation: Activation) -> keras.layers.Layer:
    layer = link.operation
    new = type(layer).from_config(layer.get_config() | {"activation": activation})
    new.build(link.shape)
    new.set_weights(layer.get_weights())
    return new


NAMES = (
    "Dropout",
    "SpatialDropout1D",
    "SpatialDropout2D",
    "AlphaDropout",
    "GaussianDropout",
    "GaussianNoise",
    "ActivityRegularization",
    "StochasticDepth",  # of keras.applications.convnext, which does not export it
    "Identity",
)


def without_training_layers(links: Sequence[Link], memo: Memo) -> list[Link]:
    """Leave out dropout, noise and the like, and activations that change nothing, not even the precision."""
    return [link for link in links if not (_is_idle(link.operation) and link.operation.compute_dtype == link.dtype)]


def _is_idle(operation: keras.Operation) -> bool:
    linear = isinstance(operation, keras.layers.Activation) and operation.activation is keras.activations.linear
    return linear or (type(operation).__name__ in NAMES and type(operation).__module__.startswith("keras."))
