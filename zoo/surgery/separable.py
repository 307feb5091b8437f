"""Separable convolutions as the two convolutions that they are."""

from __future__ import annotations

from typing import Any

import keras

from zoo.surgery.graph import Step, rebuilt, steps


def separated(model: keras.Model) -> keras.Model:
    """The network with each separable convolution as a depthwise and a pointwise one, which norms can be folded into.

    Args:
        model: a flat one; it is not changed, and shares the layers that stay.
    """
    if not any(_is_separable(step.operation) for step in steps(model)):
        return model
    pairs: dict[int, tuple[keras.layers.Layer, keras.layers.Layer]] = {}

    def call(step: Step, *args: Any, **kwargs: Any) -> Any:
        old = step.operation
        if not _is_separable(old):
            return old(*args, **kwargs)
        depthwise, pointwise = pairs.setdefault(id(old), _pair(old))
        return pointwise(depthwise(*args))

    return rebuilt(model, call)


def _is_separable(operation: keras.Operation) -> bool:
    return type(operation) is keras.layers.SeparableConv2D


def _pair(layer: keras.layers.SeparableConv2D) -> tuple[keras.layers.Layer, keras.layers.Layer]:
    depthwise = keras.layers.DepthwiseConv2D(
        layer.kernel_size,
        strides=layer.strides,
        padding=layer.padding,
        depth_multiplier=layer.depth_multiplier,
        dilation_rate=layer.dilation_rate,
        use_bias=False,
        name=f"{layer.name}_depthwise",
    )
    pointwise = keras.layers.Conv2D(
        layer.filters, 1, activation=layer.activation, use_bias=layer.use_bias, name=layer.name
    )
    over_space, *over_channels = layer.get_weights()
    depthwise.build(layer.input.shape)
    pointwise.build((None, None, None, over_space.shape[2] * over_space.shape[3]))
    depthwise.set_weights([over_space])
    pointwise.set_weights(over_channels)
    return depthwise, pointwise
