"""Fully grouped convolutions as depthwise ones.

On a CPU, TensorFlow sends grouped convolutions through XLA; where every channel is its own group, a
``DepthwiseConv2D`` with the same weights gives the same numbers several times faster. ConvNeXt is written the
slow way in ``keras.applications``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from zoo.models.cloning import finalize

if TYPE_CHECKING:
    import keras


def depthwise(model: keras.Model) -> keras.Model:
    """Return the model with its fully grouped convolutions as depthwise ones, weights included.

    A model without such convolutions is returned as it is. Official weights fit the original form, so load
    them before the rewrite.
    """
    import keras

    if not any(is_fully_grouped(layer) for layer in model.layers):
        return model
    rewritten = keras.models.clone_model(model, clone_function=_clone)
    for old, new in zip(model.layers, rewritten.layers, strict=True):
        new.set_weights(depthwise_weights(old) if is_fully_grouped(old) else old.get_weights())
    finalize(rewritten)
    return rewritten


def is_fully_grouped(layer: keras.Operation) -> bool:
    """Check whether every channel of a convolution is its own group."""
    import keras

    if type(layer) is not keras.layers.Conv2D or layer.groups == 1:
        return False
    return layer.groups == layer.filters and layer.kernel.shape[2] == 1


def _clone(layer: keras.layers.Layer) -> keras.layers.Layer:
    return as_depthwise(layer) if is_fully_grouped(layer) else type(layer).from_config(layer.get_config())


def as_depthwise(layer: keras.layers.Conv2D) -> keras.layers.DepthwiseConv2D:
    """The same convolution, without weights yet."""
    import keras

    return keras.layers.DepthwiseConv2D(
        layer.kernel_size,
        strides=layer.strides,
        padding=layer.padding,
        dilation_rate=layer.dilation_rate,
        activation=layer.activation,
        use_bias=layer.use_bias,
        depthwise_regularizer=layer.kernel_regularizer,
        bias_regularizer=layer.bias_regularizer,
        trainable=layer.trainable,
        dtype=layer.dtype_policy,
        name=layer.name,
    )


def depthwise_weights(layer: keras.layers.Conv2D) -> list[np.ndarray]:
    """Swap the kernel's last axes: (height, width, 1, channels) becomes (height, width, channels, 1)."""
    kernel, *bias = layer.get_weights()
    return [kernel.swapaxes(2, 3), *bias]
