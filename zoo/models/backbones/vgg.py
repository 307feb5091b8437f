"""VGG: plain stacks of 3x3 convolutions.

Simonyan and Zisserman, 2014, arXiv:1409.1556. Pixels: BGR with ImageNet's mean taken off (``caffe``).
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from zoo.models.backbones.application import application
from zoo.models.registry import Shape, register

if TYPE_CHECKING:
    import keras

vgg = partial(
    register,
    family="VGG",
    pixels="caffe",
    min_size=32,
    imagenet="keras",
    paper="Simonyan and Zisserman, 2014, arXiv:1409.1556",
)


@vgg(parameters=14_714_688)
def vgg16(input_shape: Shape | None, weights: str | None = None) -> keras.Model:
    """VGG-16."""
    return application("VGG16", input_shape, weights)


@vgg(parameters=20_024_384)
def vgg19(input_shape: Shape | None, weights: str | None = None) -> keras.Model:
    """VGG-19."""
    return application("VGG19", input_shape, weights)
