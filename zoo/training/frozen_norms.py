"""Frozen batch norms taken into the convolution before them while training.

A frozen norm multiplies every channel by a constant and adds another. Multiplied into the kernel instead, which is
small, it needs no pass over the images of a batch. The kernel that trains, its gradient and what is saved stay as they
are: in real numbers nothing changes (Jacob et al., 2018, arXiv:1712.05877, section 3.2).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import keras
from keras import ops

from zoo.models.flattening import read
from zoo.models.network import Link, Memo

KERNELS = (keras.layers.Conv2D, keras.layers.DepthwiseConv2D)


class NormedConvolution(keras.Operation):
    """A convolution and the frozen batch norm behind it, computed as one convolution.

    Args:
        convolution: linear, of ``KERNELS``.
        norm: over the last axis.
    """

    def __init__(self, convolution: keras.layers.Layer, norm: keras.layers.BatchNormalization) -> None:
        super().__init__()
        self.convolution = convolution
        self.norm = norm

    def call(self, inputs: Any) -> Any:
        """Convolve with the scaled kernel, and add what is left of the norm."""
        scale, shift = self._affine()
        layer = self.convolution
        how = (layer.strides, layer.padding, layer.data_format, layer.dilation_rate)
        if isinstance(layer, keras.layers.DepthwiseConv2D):
            kernel = layer.kernel * ops.reshape(scale, layer.kernel.shape[-2:])
            return ops.depthwise_conv(inputs, kernel, *how) + shift
        return ops.conv(inputs, layer.kernel * scale, *how) + shift

    def _affine(self) -> tuple[Any, Any]:
        norm, bias = self.norm, self.convolution.bias
        scale = ops.rsqrt(norm.moving_variance + norm.epsilon)
        if norm.scale:
            scale = scale * norm.gamma
        shift = (bias - norm.moving_mean if bias is not None else -norm.moving_mean) * scale
        return scale, shift + norm.beta if norm.center else shift


def take_in_frozen_norms(model: keras.Model) -> None:
    """Let a model compute its frozen batch norms within the convolutions before them, where there are any.

    The model's layers, weights and configuration stay what they are. Call it after what trains is chosen.
    """
    network = read(model).rewritten(_with_norms)
    if any(isinstance(operation, NormedConvolution) for operation in network.operations):
        # an attribute and no subclass: a callback that saves the model shall save a plain one
        model.call = lambda inputs, training=None, mask=None: network(inputs, training=training)


def _with_norms(links: Sequence[Link], memo: Memo) -> list[Link]:
    left: list[Link] = []
    for link in links:
        if left and _is_frozen_norm(link) and _can_take(left[-1]):
            layers = [left[-1].operation, link.operation]
            left[-1] = replace(left[-1], operation=memo.once("normed", layers, partial(NormedConvolution, *layers)))
        else:
            left.append(link)
    return left


def _can_take(link: Link) -> bool:
    layer = link.operation
    return (
        type(layer) in KERNELS
        and layer.activation is keras.activations.linear
        and layer.data_format == "channels_last"
        and layer.compute_dtype == "float32"  # in half precision the rounded kernel would be another one
    )


def _is_frozen_norm(link: Link) -> bool:
    layer = link.operation
    return type(layer) is keras.layers.BatchNormalization and not layer.trainable and layer.axis in (-1, 3)
