"""A backbone of two convolutions that can have weights from a file, so that a fit of it has every phase."""

from __future__ import annotations

import keras

from zoo.models.registry import register


@register(pixels="tf", min_size=8, parameters=1_432, imagenet="file")
def drill_tiny(input_shape: tuple[int, int, int], weights: str | None = None) -> keras.Model:
    """Build it."""
    images = keras.Input(input_shape)
    x = images
    for number, filters in enumerate((8, 16), start=1):
        x = keras.layers.Conv2D(filters, 3, strides=2, use_bias=False, name=f"conv_{number}")(x)
        x = keras.layers.BatchNormalization(name=f"norm_{number}")(x)
        x = keras.layers.ReLU(name=f"relu_{number}")(x)
    return keras.Model(images, x)
