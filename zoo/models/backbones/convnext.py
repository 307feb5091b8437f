"""ConvNeXt: a residual network rebuilt with the choices of vision transformers.

Liu et al., 2022, arXiv:2201.03545. Pixels: 0 to 255, normalised inside the graph. Keras writes the 7x7
depthwise convolutions as grouped ones, which are slow on a CPU; :mod:`zoo.export.optimise` rewrites them.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from zoo.models.backbones.application import application
from zoo.models.registry import Shape, register

if TYPE_CHECKING:
    import keras

convnext = partial(
    register,
    family="ConvNeXt",
    pixels="inside",
    min_size=32,
    imagenet="keras",
    paper="Liu et al., 2022, arXiv:2201.03545",
)


@convnext(parameters=27_820_128)
def convnext_tiny(input_shape: Shape | None, weights: str | None = None) -> keras.Model:
    """ConvNeXt-Tiny: 18 blocks, 96 channels at the stem."""
    return application("ConvNeXtTiny", input_shape, weights)


@convnext(parameters=49_454_688)
def convnext_small(input_shape: Shape | None, weights: str | None = None) -> keras.Model:
    """ConvNeXt-Small: 36 blocks, 96 channels at the stem."""
    return application("ConvNeXtSmall", input_shape, weights)


@convnext(parameters=87_566_464)
def convnext_base(input_shape: Shape | None, weights: str | None = None) -> keras.Model:
    """ConvNeXt-Base: 36 blocks, 128 channels at the stem."""
    return application("ConvNeXtBase", input_shape, weights)


@convnext(parameters=196_230_336)
def convnext_large(input_shape: Shape | None, weights: str | None = None) -> keras.Model:
    """ConvNeXt-Large: 36 blocks, 192 channels at the stem."""
    return application("ConvNeXtLarge", input_shape, weights)


@convnext(parameters=348_147_968)
def convnext_xlarge(input_shape: Shape | None, weights: str | None = None) -> keras.Model:
    """ConvNeXt-XLarge: 36 blocks, 256 channels at the stem."""
    return application("ConvNeXtXLarge", input_shape, weights)
