"""Xception: depthwise separable convolutions throughout.

Chollet, 2017, arXiv:1610.02357. Pixels: -1 to 1 (``tf``).
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from zoo.models.backbones.application import application
from zoo.models.registry import Shape, register

if TYPE_CHECKING:
    import keras

xception_family = partial(
    register,
    family="Xception",
    pixels="tf",
    imagenet="keras",
    paper="Chollet, 2017, arXiv:1610.02357",
)


@xception_family(parameters=20_861_480, image_size=299, min_size=71)
def xception(input_shape: Shape | None, weights: str | None = None) -> keras.Model:
    """Xception."""
    return application("Xception", input_shape, weights)
