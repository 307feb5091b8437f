"""EfficientNetV2: smaller, faster to train, fused convolutions in the early stages.

Tan and Le, 2021, arXiv:2104.00298. Pixels: 0 to 255, normalised inside the graph (B0 to B3 with ImageNet's
mean, S to L to -1..1: another reason not to do it by hand).
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from zoo.models.backbones.application import application
from zoo.models.registry import Shape, register

if TYPE_CHECKING:
    import keras

efficientnet_v2 = partial(
    register,
    family="EfficientNetV2",
    pixels="inside",
    min_size=32,
    imagenet="keras",
    paper="Tan and Le, 2021, arXiv:2104.00298",
)


@efficientnet_v2(parameters=5_919_312, image_size=224)
def efficientnet_v2_b0(input_shape: Shape | None, weights: str | None = None) -> keras.Model:
    """EfficientNetV2-B0."""
    return application("EfficientNetV2B0", input_shape, weights)


@efficientnet_v2(parameters=6_931_124, image_size=240)
def efficientnet_v2_b1(input_shape: Shape | None, weights: str | None = None) -> keras.Model:
    """EfficientNetV2-B1."""
    return application("EfficientNetV2B1", input_shape, weights)


@efficientnet_v2(parameters=8_769_374, image_size=260)
def efficientnet_v2_b2(input_shape: Shape | None, weights: str | None = None) -> keras.Model:
    """EfficientNetV2-B2."""
    return application("EfficientNetV2B2", input_shape, weights)


@efficientnet_v2(parameters=12_930_622, image_size=300)
def efficientnet_v2_b3(input_shape: Shape | None, weights: str | None = None) -> keras.Model:
    """EfficientNetV2-B3."""
    return application("EfficientNetV2B3", input_shape, weights)


@efficientnet_v2(parameters=20_331_360, image_size=384)
def efficientnet_v2_s(input_shape: Shape | None, weights: str | None = None) -> keras.Model:
    """EfficientNetV2-S."""
    return application("EfficientNetV2S", input_shape, weights)


@efficientnet_v2(parameters=53_150_388, image_size=480)
def efficientnet_v2_m(input_shape: Shape | None, weights: str | None = None) -> keras.Model:
    """EfficientNetV2-M."""
    return application("EfficientNetV2M", input_shape, weights)


@efficientnet_v2(parameters=117_746_848, image_size=480)
def efficientnet_v2_l(input_shape: Shape | None, weights: str | None = None) -> keras.Model:
    """EfficientNetV2-L."""
    return application("EfficientNetV2L", input_shape, weights)
