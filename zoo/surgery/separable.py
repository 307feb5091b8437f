"""Separable convolutions as the two convolutions that they are, so that norms can be folded into the second."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import keras

from zoo.surgery.network import Link, Memo

Pair = tuple[keras.layers.Layer, keras.layers.Layer]


def separated(links: Sequence[Link], memo: Memo) -> list[Link]:
    """Write each separable convolution as a depthwise and a pointwise one."""
    return [part for link in links for part in (_parts(link, memo) if _is_separable(link) else [link])]


def _is_separable(link: Link) -> bool:
    return type(link.operation) is keras.layers.SeparableConv2D


def _parts(link: Link, memo: Memo) -> list[Link]:
    depthwise, pointwise = memo.once("separated", [link.operation], lambda: _pair(link))
    between = depthwise.compute_output_shape(link.shape)
    return [replace(link, operation=depthwise), replace(link, operation=pointwise, shape=between)]


def _pair(link: Link) -> Pair:
    layer = link.operation
    common = {"data_format": layer.data_format, "dtype": layer.dtype_policy}
    depthwise = keras.layers.DepthwiseConv2D(
        layer.kernel_size,
        strides=layer.strides,
        padding=layer.padding,
        depth_multiplier=layer.depth_multiplier,
        dilation_rate=layer.dilation_rate,
        use_bias=False,
        name=f"{layer.name}_depthwise",
        **common,
    )
    pointwise = keras.layers.Conv2D(
        layer.filters, 1, activation=layer.activation, use_bias=layer.use_bias, name=layer.name, **common
    )
    over_space, *over_channels = layer.get_weights()
    depthwise.build(link.shape)
    pointwise.build(depthwise.compute_output_shape(link.shape))
    depthwise.set_weights([over_space])
    pointwise.set_weights(over_channels)
    return depthwise, pointwise
