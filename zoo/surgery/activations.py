"""Activations in the form that runtimes know.

Keras' exact GELU is TensorFlow's ``Erfc``, which is slower on a CPU than ``Erf``, and which ONNX does not have.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import keras

from zoo.surgery.network import Link, Memo

ROOT_OF_HALF = 0.5**0.5


def with_plain_activations(links: Sequence[Link], memo: Memo) -> list[Link]:
    """Write each exact GELU with ``erf`` (Hendrycks and Gimpel, arXiv:1606.08415)."""
    return [
        replace(link, operation=memo.once([link.operation], lambda: _with_erf(link)))  # noqa: B023
        if getattr(link.operation, "activation", None) is keras.activations.gelu
        else link
        for link in links
    ]


def gelu_by_erf(x: Any) -> Any:
    """``x`` times the share of a normal distribution that lies below it."""
    return 0.5 * x * (1.0 + keras.ops.erf(x * ROOT_OF_HALF))


def _with_erf(link: Link) -> keras.layers.Layer:
    layer = link.operation
    new = type(layer).from_config(layer.get_config() | {"activation": gelu_by_erf})
    new.build(link.shape)
    new.set_weights(layer.get_weights())
    return new
