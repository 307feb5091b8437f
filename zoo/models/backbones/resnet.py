"""ResNet: identity shortcuts.

He et al., 2015, arXiv:1512.03385. Pixels: BGR with ImageNet's mean taken off (``caffe``).
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from zoo.models.backbones.application import application
from zoo.models.registry import Shape, register

if TYPE_CHECKING:
    import keras

resnet = partial(
    register,
    family="ResNet",
    pixels="caffe",
    min_size=32,
    imagenet="keras",
    paper="He et al., 2015, arXiv:1512.03385",
)


@resnet(parameters=23_587_712)
def resnet50(input_shape: Shape | None, weights: str | None = None) -> keras.Model:
    """ResNet-50."""
    return application("ResNet50", input_shape, weights)


@resnet(parameters=42_658_176)
def resnet101(input_shape: Shape | None, weights: str | None = None) -> keras.Model:
    """ResNet-101."""
    return application("ResNet101", input_shape, weights)


@resnet(parameters=58_370_944)
def resnet152(input_shape: Shape | None, weights: str | None = None) -> keras.Model:
    """ResNet-152."""
    return application("ResNet152", input_shape, weights)
