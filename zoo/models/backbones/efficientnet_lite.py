"""EfficientNet-Lite 0 to 4: EfficientNets for phones and plain processors, without squeeze-and-excitation, with ReLU6.

``keras.applications`` does not have them. The published networks (TensorFlow's ``tpu`` repository, Apache-2.0) scale
width and depth as EfficientNet does, but neither stem nor head, nor the depth of the first and the last stage. Their
pixels are ``(x - 127) / 128``, computed inside the graph. Stochastic depth, with which they were trained on ImageNet,
is left out: dropout of the head does its work in a short fine-tuning.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

from zoo.models.registry import Shape, Spec, add

if TYPE_CHECKING:
    import keras

STEM, TOP = 32, 1280  # filters
DIVISOR = 8  # of every scaled number of filters
EPSILON = 1e-3  # of batch norms


@dataclass(frozen=True)
class Stage:
    """One stage of EfficientNet-B0: so many inverted bottlenecks, of which the first has the stride."""

    repeats: int
    kernel: int
    stride: int
    expansion: int
    filters: int


STAGES = (
    Stage(1, 3, 1, 1, 16),
    Stage(2, 3, 2, 6, 24),
    Stage(2, 5, 2, 6, 40),
    Stage(3, 3, 2, 6, 80),
    Stage(3, 5, 1, 6, 112),
    Stage(4, 5, 2, 6, 192),
    Stage(1, 3, 1, 6, 320),
)


@dataclass(frozen=True)
class EfficientNetLite:
    """Builds one size without its classifier.

    Attributes:
        name: the backbone's registered name.
        width: factor of the filters.
        depth: factor of the repeats.
    """

    name: str
    width: float
    depth: float

    @property
    def __name__(self) -> str:
        return self.name

    def __call__(self, input_shape: Shape | None, weights: str | None = None) -> keras.Model:
        """Build it with random weights; pretrained ones come from a file."""
        from keras import Input, Model, layers

        images = Input(input_shape)
        x = layers.Rescaling(1 / 128, -127 / 128, name="rescaling")(images)
        x = convolved(x, STEM, "stem", kernel=3, stride=2)
        for place, stage in enumerate(STAGES):
            x = self._stage(x, stage, place)
        return Model(images, convolved(x, TOP, "top"), name=self.name)

    def _stage(self, x: keras.KerasTensor, stage: Stage, place: int) -> keras.KerasTensor:
        filters = scaled_filters(stage.filters, self.width)
        fixed = place in (0, len(STAGES) - 1)
        for repeat in range(stage.repeats if fixed else ceil(stage.repeats * self.depth)):
            stride = 1 if repeat else stage.stride
            x = bottleneck(x, filters, stage, stride, f"block{place + 1}{chr(ord('a') + repeat)}")
        return x


def bottleneck(x: keras.KerasTensor, filters: int, stage: Stage, stride: int, name: str) -> keras.KerasTensor:
    """Widen, filter each channel, narrow; the input is added where it has the output's shape (MobileNetV2)."""
    from keras import layers

    inputs = x
    if stage.expansion > 1:
        x = convolved(x, stage.expansion * x.shape[-1], f"{name}_expand")
    depthwise = layers.DepthwiseConv2D(stage.kernel, stride, padding="same", use_bias=False, name=f"{name}_dwconv")
    x = normalised(depthwise(x), f"{name}_dw")
    x = layers.Conv2D(filters, 1, use_bias=False, name=f"{name}_project_conv")(x)
    x = layers.BatchNormalization(epsilon=EPSILON, name=f"{name}_project_bn")(x)
    alike = stride == 1 and inputs.shape[-1] == filters
    return layers.Add(name=f"{name}_add")([inputs, x]) if alike else x


def convolved(x: keras.KerasTensor, filters: int, name: str, kernel: int = 1, stride: int = 1) -> keras.KerasTensor:
    """Convolve, normalise, ReLU6."""
    from keras import layers

    layer = layers.Conv2D(filters, kernel, stride, padding="same", use_bias=False, name=f"{name}_conv")
    return normalised(layer(x), name)


def normalised(x: keras.KerasTensor, name: str) -> keras.KerasTensor:
    """Normalise by batch, ReLU6."""
    from keras import layers

    return layers.ReLU(6.0, name=f"{name}_relu")(layers.BatchNormalization(epsilon=EPSILON, name=f"{name}_bn")(x))


def scaled_filters(filters: int, width: float) -> int:
    """Scale a number of filters to a multiple of 8, at most a tenth below what it should be."""
    wanted = filters * width
    rounded = max(DIVISOR, int(wanted + DIVISOR / 2) // DIVISOR * DIVISOR)
    return rounded + DIVISOR if rounded < 0.9 * wanted else rounded


def family(*rows: tuple[str, float, float, int, int]) -> None:
    """Enter the sizes into the register: name, width, depth, side in pixels, parameters."""
    for name, width, depth, side, parameters in rows:
        add(
            Spec(
                name=name,
                builder=EfficientNetLite(name, width, depth),
                family="EfficientNet-Lite",
                pixels="inside",
                image_size=side,
                min_size=32,
                parameters=parameters,
                imagenet="file",
                paper="Tan and Le, 2019, arXiv:1905.11946; Liu, 2020, TensorFlow blog",
                licence="Apache-2.0",
            )
        )


family(
    ("efficientnet_lite0", 1.0, 1.0, 224, 3_413_024),
    ("efficientnet_lite1", 1.0, 1.1, 240, 4_189_344),
    ("efficientnet_lite2", 1.1, 1.2, 260, 4_869_168),
    ("efficientnet_lite3", 1.2, 1.4, 280, 6_992_768),
    ("efficientnet_lite4", 1.4, 1.8, 300, 11_837_936),
)
