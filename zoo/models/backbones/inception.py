"""Inception: parallel convolutions of several sizes, with and without residual connections.

Szegedy et al., 2016, arXiv:1512.00567 (v3) and 2017, arXiv:1602.07261 (ResNet v2). Pixels: -1 to 1 (``tf``).
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from zoo.models.backbones.application import application
from zoo.models.registry import Shape, register

if TYPE_CHECKING:
    import keras

inception = partial(
    register,
    family="Inception",
    pixels="tf",
    imagenet="keras",
    image_size=299,
    min_size=75,
)


@inception(parameters=21_802_784, paper="Szegedy et al., 2016, arXiv:1512.00567")
def inception_v3(input_shape: Shape | None, weights: str | None = None) -> keras.Model:
    """Inception-v3."""
    return application("InceptionV3", input_shape, weights)


@inception(parameters=54_336_736, paper="Szegedy et al., 2017, arXiv:1602.07261")
def inception_resnet_v2(input_shape: Shape | None, weights: str | None = None) -> keras.Model:
    """Inception-ResNet-v2."""
    return application("InceptionResNetV2", input_shape, weights)
