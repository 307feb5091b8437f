"""Layers that do something while a network is trained, and nothing when it predicts."""

from __future__ import annotations

import keras

from zoo.surgery.graph import replaced, steps

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


def without_training_layers(model: keras.Model) -> keras.Model:
    """The network without dropout, noise and the like, and without activations that change nothing.

    Args:
        model: a flat one; it is not changed, and shares the layers that stay.
    """
    return replaced(model, {id(step.operation): None for step in steps(model) if _is_idle(step.operation)})


def _is_idle(operation: keras.Operation) -> bool:
    linear = isinstance(operation, keras.layers.Activation) and operation.activation is keras.activations.linear
    return linear or (type(operation).__name__ in NAMES and type(operation).__module__.startswith("keras."))
