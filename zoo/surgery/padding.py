"""Borders of zeros left to the convolution that follows, where its own ``same`` padding is just that border."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import keras

from zoo.surgery.network import Link, Memo

KINDS = (keras.layers.Conv2D, keras.layers.DepthwiseConv2D)


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
    """Say whether the border is what the convolution would add by itself."""
    layer: Any = link.operation
    sides: Any = padding.shape[1:3]
    if not isinstance(padding.operation, keras.layers.ZeroPadding2D) or type(layer) not in KINDS:
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
