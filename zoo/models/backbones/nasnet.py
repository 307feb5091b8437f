"""NASNet: cells found by architecture search on CIFAR-10, stacked for ImageNet.

Zoph et al., 2018, arXiv:1707.07012. Pixels: -1 to 1 (``tf``).
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from zoo.models.backbones.application import application
from zoo.models.registry import Shape, register

if TYPE_CHECKING:
    import keras

nasnet = partial(
    register,
    family="NASNet",
    pixels="tf",
    min_size=32,
    imagenet="keras",
    paper="Zoph et al., 2018, arXiv:1707.07012",
)


@nasnet(parameters=4_269_716)
def nasnet_mobile(input_shape: Shape | None, weights: str | None = None) -> keras.Model:
    """NASNet-A (4 @ 1056)."""
    return application("NASNetMobile", input_shape, weights)


@nasnet(parameters=84_916_818, image_size=331)
def nasnet_large(input_shape: Shape | None, weights: str | None = None) -> keras.Model:
    """NASNet-A (6 @ 4032)."""
    return application("NASNetLarge", input_shape, weights)
