"""Convolutions in the form that runs fastest: depthwise for grouped, two for separable, with their own padding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import keras

from zoo.models.depthwise import as_depthwise, depthwise_weights, is_fully_grouped
from zoo.models.network import Link, Memo

Pair = tuple[keras.layers.Layer, keras.layers.Layer]


def ungrouped(links: Sequence[Link], memo: Memo) -> list[Link]:
    """Write each fully grouped convolution of a network that is exported as a depthwise one."""

    def made(link: Link) -> keras.layers.Layer:
        new = as_depthwise(link.operation)
        new.build(link.shape)
        new.set_weights(depthwise_weights(link.operation))
        return new

    return [
        replace(link, operation=memo.once("ungrouped", [link.operation], lambda: made(link)))  # noqa: B023
        if is_fully_grouped(link.operation)
        else link
        for link in links
    ]


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


CONVOLUTIONS = (keras.layers.Conv2D, keras.layers.DepthwiseConv2D)


def with_own_padding(links: Sequence[Link], memo: Memo) -> list[Link]:
    """Write ``ZeroPadding2D`` before a convolution of padding ``valid`` as the convolution's ``same``.

    Of an even side, three wide kernels with strides of two take one row of zeros at the end and none at the
    beginning: so MobileNets and EfficientNets are written. A border of other width stays.
    """
    left: list[Link] = []
    for link in links:
        if left and _is_border_of(left[-1], link):
            left[-1] = _padding_itself(left[-1], link, memo)
        else:
            left.append(link)
    return left


def _is_border_of(padding: Link, link: Link) -> bool:
    """Whether the border is what the convolution would add by itself."""
    layer: Any = link.operation
    sides: Any = padding.shape[1:3]
    if not isinstance(padding.operation, keras.layers.ZeroPadding2D) or type(layer) not in CONVOLUTIONS:
        return False
    if layer.padding != "valid" or None in sides:
        return False
    geometry = zip(sides, layer.kernel_size, layer.strides, layer.dilation_rate, strict=True)
    return tuple(map(tuple, padding.operation.padding)) == tuple(_same(*axis) for axis in geometry)


def _same(side: int, kernel: int, stride: int, dilation: int) -> tuple[int, int]:
    """Rows of zeros before and after, as TensorFlow's ``SAME`` divides them: the odd one comes after."""
    total = max((-(-side // stride) - 1) * stride + (kernel - 1) * dilation + 1 - side, 0)
    return total // 2, total - total // 2


def _padding_itself(padding: Link, link: Link, memo: Memo) -> Link:
    layer = link.operation

    def made() -> keras.layers.Layer:
        new = type(layer).from_config(layer.get_config() | {"padding": "same"})
        new.build(padding.shape)
        new.set_weights(layer.get_weights())
        return new

    return replace(link, operation=memo.once("padding", [padding.operation, layer], made), shape=padding.shape)
