"""ResNetV2: normalisation and activation before each convolution.

He et al., 2016, arXiv:1603.05027. Pixels: -1 to 1 (``tf``).
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from zoo.models.backbones.application import application
from zoo.models.registry import Shape, register

if TYPE_CHECKING:
    import keras

resnet_v2 = partial(
    register,
    family="ResNetV2",
    pixels="tf",
    min_size=32,
    imagenet="keras",
    paper="He et al., 2016, arXiv:1603.05027",
)


@resnet_v2(parameters=23_564_800)
def resnet50_v2(input_shape: Shape | None, weights: str | None = None) -> keras.Model:
    """ResNet-50 v2."""
    return application("ResNet50V2", input_shape, weights)


@resnet_v2(parameters=42_626_560)
def resnet101_v2(input_shape: Shape | None, weights: str | None = None) -> keras.Model:
    """ResNet-101 v2."""
    return application("ResNet101V2", input_shape, weights)


@resnet_v2(parameters=58_331_648)
def resnet152_v2(input_shape: Shape | None, weights: str | None = None) -> keras.Model:
    """ResNet-152 v2."""
    return application("ResNet152V2", input_shape, weights)
