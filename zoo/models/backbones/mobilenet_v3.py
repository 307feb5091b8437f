"""MobileNetV3: found by architecture search, with squeeze-and-excitation and hard swish.

Howard et al., 2019, arXiv:1905.02244. Pixels: 0 to 255, normalised inside the graph.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from zoo.models.backbones.application import application
from zoo.models.registry import Shape, register

if TYPE_CHECKING:
    import keras

OWN_SHAPE = (224, 224, 3)  # said aloud: Keras warns of official weights without a size
mobilenet_v3 = partial(
    register,
    family="MobileNetV3",
    pixels="inside",
    min_size=32,
    imagenet="keras",
    paper="Howard et al., 2019, arXiv:1905.02244",
)


@mobilenet_v3(parameters=939_120)
def mobilenet_v3_small(input_shape: Shape | None, weights: str | None = None) -> keras.Model:
    """MobileNetV3-Small."""
    return application("MobileNetV3Small", input_shape or OWN_SHAPE, weights)


@mobilenet_v3(parameters=2_996_352)
def mobilenet_v3_large(input_shape: Shape | None, weights: str | None = None) -> keras.Model:
    """MobileNetV3-Large."""
    return application("MobileNetV3Large", input_shape or OWN_SHAPE, weights)
