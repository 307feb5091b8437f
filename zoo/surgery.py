"""Rewrites of a built network that keep its numbers.

On a CPU, TensorFlow sends grouped convolutions through XLA; where every channel is its own group, a
``DepthwiseConv2D`` with the same weights gives the same numbers several times faster. ConvNeXt is written the
slow way in ``keras.applications``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import keras


def depthwise(model: keras.Model) -> keras.Model:
    """Return the model with its fully grouped convolutions as depthwise ones, weights included.

    A model without such convolutions is returned as it is. Official weights fit the original form, so load
    them before the rewrite.
    """
    import keras

    if not any(_is_fully_grouped(layer) for layer in model.layers):
        return model
    rewritten = keras.models.clone_model(model, clone_function=_clone)
    for old, new in zip(model.layers, rewritten.layers, strict=True):
        new.set_weights(_depthwise_weights(old) if _is_fully_grouped(old) else old.get_weights())
    _finalize(rewritten)
    return rewritten


def clone(model: keras.Model) -> keras.Model:
    """Build the same network anew, with the same numbers in weights of its own."""
    import keras

    copied = keras.models.clone_model(model)
    copy_weights(model, copied)
    return copied


def renamed(model: keras.Model, name: str) -> keras.Model:
    """The same network under another name: Keras refuses two layers of one."""
    import keras

    return keras.Model(model.inputs, model.outputs[0], name=name)


def copy_weights(source: keras.Model, target: keras.Model) -> None:
    """Give a model the weights of another one with the same layers, at any image size.

    Raises:
        ValueError: the models' weights differ in number or shape.
    """
    target.set_weights(source.get_weights())
    _finalize(target)


def _finalize(model: keras.Model) -> None:
    """Let ``Normalization`` layers take in their new weights: ``set_weights`` alone leaves them at the old ones."""
    import keras

    for layer in model.layers:
        if isinstance(layer, keras.Model):
            _finalize(layer)
        elif isinstance(layer, keras.layers.Normalization):
            layer.finalize_state()


def _is_fully_grouped(layer: keras.layers.Layer) -> bool:
    import keras

    if not isinstance(layer, keras.layers.Conv2D) or layer.groups == 1:
        return False
    return layer.groups == layer.filters == layer.input.shape[-1]


def _clone(layer: keras.layers.Layer) -> keras.layers.Layer:
    import keras

    if not _is_fully_grouped(layer):
        return type(layer).from_config(layer.get_config())
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


def _depthwise_weights(layer: keras.layers.Conv2D) -> list[np.ndarray]:
    """Swap the kernel's last axes: (height, width, 1, channels) becomes (height, width, channels, 1)."""
    kernel, *bias = layer.get_weights()
    return [kernel.swapaxes(2, 3), *bias]
