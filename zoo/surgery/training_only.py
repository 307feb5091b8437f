"""Layers that do something while a network is trained, and nothing when it predicts."""

from __future__ import annotations

from collections.abc import Sequence

import keras

from zoo.surgery.network import Link, Memo

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
