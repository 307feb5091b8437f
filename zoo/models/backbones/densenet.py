"""DenseNet: every layer sees all earlier feature maps of its block.

Huang et al., 2017, arXiv:1608.06993. Pixels: ImageNet mean and deviation (``torch``).
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from zoo.models.backbones.application import application
from zoo.models.registry import Shape, register

if TYPE_CHECKING:
    import keras

densenet = partial(
    register,
    family="DenseNet",
    pixels="torch",
    min_size=32,
    imagenet="keras",
    paper="Huang et al., 2017, arXiv:1608.06993",
)


@densenet(parameters=7_037_504)
def densenet121(input_shape: Shape | None, weights: str | None = None) -> keras.Model:
    """DenseNet-121."""
    return application("DenseNet121", input_shape, weights)


@densenet(parameters=12_642_880)
def densenet169(input_shape: Shape | None, weights: str | None = None) -> keras.Model:
    """DenseNet-169."""
    return application("DenseNet169", input_shape, weights)


@densenet(parameters=18_321_984)
def densenet201(input_shape: Shape | None, weights: str | None = None) -> keras.Model:
    """DenseNet-201."""
    return application("DenseNet201", input_shape, weights)
