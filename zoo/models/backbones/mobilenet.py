"""MobileNet v1 and v2: depthwise separable convolutions for phones.

Howard et al., 2017, arXiv:1704.04861 and Sandler et al., 2018, arXiv:1801.04381. Pixels: -1 to 1 (``tf``).
The suffix is the width in percent of the full network.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from zoo.models.backbones.application import application
from zoo.models.registry import Shape, register

if TYPE_CHECKING:
    import keras

OWN_SHAPE = (224, 224, 3)  # said aloud: Keras warns of official weights without a size
V1 = "Howard et al., 2017, arXiv:1704.04861"
V2 = "Sandler et al., 2018, arXiv:1801.04381"
mobilenet_family = partial(
    register,
    family="MobileNet",
    pixels="tf",
    min_size=32,
    imagenet="keras",
)


@mobilenet_family(parameters=3_228_864, paper=V1)
def mobilenet(input_shape: Shape | None, weights: str | None = None) -> keras.Model:
    """MobileNet v1 at full width."""
    return application("MobileNet", input_shape or OWN_SHAPE, weights)


@mobilenet_family(parameters=218_544, paper=V1)
def mobilenet_025(input_shape: Shape | None, weights: str | None = None) -> keras.Model:
    """MobileNet v1, a quarter as wide."""
    return application("MobileNet", input_shape or OWN_SHAPE, weights, alpha=0.25)


@mobilenet_family(parameters=2_257_984, paper=V2)
def mobilenet_v2(input_shape: Shape | None, weights: str | None = None) -> keras.Model:
    """MobileNet v2 at full width."""
    return application("MobileNetV2", input_shape or OWN_SHAPE, weights)


@mobilenet_family(parameters=410_208, paper=V2)
def mobilenet_v2_035(input_shape: Shape | None, weights: str | None = None) -> keras.Model:
    """MobileNet v2, 35 % as wide."""
    return application("MobileNetV2", input_shape or OWN_SHAPE, weights, alpha=0.35)
