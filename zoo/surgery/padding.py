"""Borders of zeros left to the convolution that follows, where its own ``same`` padding is just that border."""

from __future__ import annotations

import keras

from zoo.surgery.graph import Graph, Step, replaced

KINDS = (keras.layers.Conv2D, keras.layers.DepthwiseConv2D)


def with_own_padding(model: keras.Model) -> keras.Model:
    """The network with ``ZeroPadding2D`` before a convolution of padding ``valid`` as the convolution's ``same``.

    Of an even side, three wide kernels with strides of two take one row of zeros at the end and none at the
    beginning: so MobileNets and EfficientNets are written. A border of other width stays.

    Args:
        model: a flat one; it is not changed, and shares the layers that stay.
    """
    graph = Graph(model)
    changes: dict[int, keras.Operation | None] = {}
    for step in graph.steps:
        after = graph.after(step)
        if isinstance(step.operation, keras.layers.ZeroPadding2D) and after and _is_same(step, after):
            changes |= {id(step.operation): None, id(after.operation): _padding_itself(step, after)}
    return replaced(model, changes)


def _is_same(padding: Step, after: Step) -> bool:
    """Say whether the border is what the convolution would add by itself."""
    layer, sides = after.operation, padding.input_tensors[0].shape[1:3]
    if type(layer) not in KINDS or layer.padding != "valid" or None in sides:
        return False
    geometry = zip(sides, layer.kernel_size, layer.strides, layer.dilation_rate, strict=True)
    return tuple(map(tuple, padding.operation.padding)) == tuple(_same(*axis) for axis in geometry)


def _same(side: int, kernel: int, stride: int, dilation: int) -> tuple[int, int]:
    """Rows of zeros before and after, as TensorFlow's ``SAME`` divides them: the odd one comes after."""
    total = max((-(-side // stride) - 1) * stride + (kernel - 1) * dilation + 1 - side, 0)
    return total // 2, total - total // 2


def _padding_itself(padding: Step, after: Step) -> keras.layers.Layer:
    layer = after.operation
    new = type(layer).from_config(layer.get_config() | {"padding": "same"})
    new.build(padding.input_tensors[0].shape)
    new.set_weights(layer.get_weights())
    return new
