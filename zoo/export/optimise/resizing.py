"""Resizing that smooths, as two products with constant matrices: neither ONNX nor LiteRT has TensorFlow's operation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import keras
import numpy as np

from zoo.models.network import Link, Memo


def with_plain_resizing(links: Sequence[Link], memo: Memo) -> list[Link]:
    """Write each ``Resizing`` with ``antialias``, which every image of one size passes alike, as matrix products."""
    return [_as_products(link, memo) if _smooths(link) else link for link in links]


def _smooths(link: Link) -> bool:
    layer = link.operation
    whole = type(layer) is keras.layers.Resizing and not (layer.crop_to_aspect_ratio or layer.pad_to_aspect_ratio)
    floats = link.dtype.startswith("float")  # of whole numbers it rounds
    return whole and floats and layer.antialias and layer.data_format == "channels_last" and None not in link.shape[1:]


def _as_products(link: Link, memo: Memo) -> Link:
    positional, named = link.arguments
    layer = memo.once(f"resizing {link.shape[1:]}", [link.operation], lambda: _products(link))
    return replace(link, operation=layer, arguments=(positional, {k: v for k, v in named.items() if k != "training"}))


def _products(link: Link) -> keras.layers.Layer:
    resizing: Any = link.operation
    height, width, channels = (int(size or 0) for size in link.shape[1:])
    rows = _weights(height, resizing.height, resizing.interpolation)
    columns = _weights(width, resizing.width, resizing.interpolation)

    def resized(images: Any) -> Any:
        lines = keras.ops.reshape(images, (-1, height, width * channels))
        tall = keras.ops.reshape(keras.ops.matmul(rows, lines), (-1, resizing.height, width, channels))
        return keras.ops.matmul(columns, tall)

    return keras.layers.Activation(resized, dtype="float32", name=resizing.name)


def _weights(size: int, wanted: int, interpolation: str) -> np.ndarray:
    """How much of each of ``size`` pixels of a line is in each of those ``wanted``: ``(wanted, size)``."""
    lines = np.eye(size, dtype=np.float32)[None, :, :, None]
    resized = keras.ops.image.resize(lines, (wanted, size), interpolation=interpolation, antialias=True)
    return np.asarray(keras.ops.convert_to_numpy(resized))[0, :, :, 0]
