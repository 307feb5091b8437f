"""EfficientNet: depth, width and resolution scaled together.

Tan and Le, 2019, arXiv:1905.11946. Pixels: 0 to 255, normalised inside the graph.

Keras adds a third preprocessing layer only for the literal ``weights="imagenet"``, so that the same numbers
from a file would build another network (tensorflow#62193). Here every route builds the official layers.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from zoo.models.backbones.application import application
from zoo.models.registry import Shape, register

if TYPE_CHECKING:
    import keras

IMAGENET_DEVIATION = (0.229, 0.224, 0.225)

efficientnet = partial(
    register,
    family="EfficientNet",
    pixels="inside",
    min_size=32,
    imagenet="keras",
    paper="Tan and Le, 2019, arXiv:1905.11946",
)


@efficientnet(parameters=4_049_571, image_size=224)
def efficientnet_b0(input_shape: Shape | None, weights: str | None = None) -> keras.Model:
    """EfficientNet-B0."""
    return _efficientnet("EfficientNetB0", input_shape, weights)


@efficientnet(parameters=6_575_239, image_size=240)
def efficientnet_b1(input_shape: Shape | None, weights: str | None = None) -> keras.Model:
    """EfficientNet-B1."""
    return _efficientnet("EfficientNetB1", input_shape, weights)


@efficientnet(parameters=7_768_569, image_size=260)
def efficientnet_b2(input_shape: Shape | None, weights: str | None = None) -> keras.Model:
    """EfficientNet-B2."""
    return _efficientnet("EfficientNetB2", input_shape, weights)


@efficientnet(parameters=10_783_535, image_size=300)
def efficientnet_b3(input_shape: Shape | None, weights: str | None = None) -> keras.Model:
    """EfficientNet-B3."""
    return _efficientnet("EfficientNetB3", input_shape, weights)


@efficientnet(parameters=17_673_823, image_size=380)
def efficientnet_b4(input_shape: Shape | None, weights: str | None = None) -> keras.Model:
    """EfficientNet-B4."""
    return _efficientnet("EfficientNetB4", input_shape, weights)


@efficientnet(parameters=28_513_527, image_size=456)
def efficientnet_b5(input_shape: Shape | None, weights: str | None = None) -> keras.Model:
    """EfficientNet-B5."""
    return _efficientnet("EfficientNetB5", input_shape, weights)


@efficientnet(parameters=40_960_143, image_size=528)
def efficientnet_b6(input_shape: Shape | None, weights: str | None = None) -> keras.Model:
    """EfficientNet-B6."""
    return _efficientnet("EfficientNetB6", input_shape, weights)


@efficientnet(parameters=64_097_687, image_size=600)
def efficientnet_b7(input_shape: Shape | None, weights: str | None = None) -> keras.Model:
    """EfficientNet-B7."""
    return _efficientnet("EfficientNetB7", input_shape, weights)


def _efficientnet(name: str, input_shape: Shape | None, weights: str | None) -> keras.Model:
    model = application(name, input_shape, weights)
    return _with_official_rescaling(model) if weights is None else model


def _with_official_rescaling(model: keras.Model) -> keras.Model:
    """Divide once more by the root of ImageNet's deviation, as the official weights were trained."""
    import keras

    def call(layer: keras.layers.Layer, *args: Any, **kwargs: Any) -> Any:
        outputs = layer(*args, **kwargs)
        if not isinstance(layer, keras.layers.Normalization):
            return outputs
        return keras.layers.Rescaling([deviation**-0.5 for deviation in IMAGENET_DEVIATION])(outputs)

    return keras.models.clone_model(model, call_function=call)
