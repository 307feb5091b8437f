"""The head: what turns a backbone's features into float32 logits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from zoo.utils.option_fields import as_plain_numbers

if TYPE_CHECKING:
    import keras

POOLINGS = ("average", "max")


@dataclass(frozen=True, kw_only=True)
class Head:
    """The layers between the backbone's features and the logits.

    Attributes:
        pooling: ``average`` or ``max`` over the feature map's positions; features that are flat already pass.
        units: hidden units, one entry a layer; a single number is one layer, and ``()`` none. Both reports
            ended at one layer of 64.
        activation: of the hidden layers, by its Keras name: ``relu``, ``swish``, ``gelu``, ...
        batch_norm: normalise after each hidden layer.
        dropout: fraction of features dropped before every dense layer while training, 0 up to 1.
        layers: which of the backbone's layers it reads, each pooled, side by side: the last ones of so many stages,
            counted from the output (a stage ends where the feature maps become smaller); or the names of layers,
            such as ``("block_13_expand_relu", "out_relu")``. 1 is the output alone.

    Raises:
        ValueError: a value outside of these.
    """

    pooling: Literal["average", "max"] = "average"
    units: int | Sequence[int] = ()
    activation: str = "relu"
    batch_norm: bool = False
    dropout: float = 0.2
    layers: int | Sequence[str] = 1

    def __post_init__(self) -> None:
        as_plain_numbers(self)
        if self.pooling not in POOLINGS:
            raise ValueError(f"Expected pooling 'average' or 'max'; received {self.pooling!r}.")
        if not 0 <= self.dropout < 1:
            raise ValueError(f"Expected dropout in [0, 1), a fraction; received {self.dropout!r}.")
        if not isinstance(self.units, int):
            object.__setattr__(self, "units", self._as_tuple())
        if not isinstance(self.units, int) and len(self.units) == 1:  # written in two ways, it has one key
            object.__setattr__(self, "units", self.units[0])
        if any(isinstance(width, bool) or not isinstance(width, int) or width < 1 for width in self.widths):
            raise ValueError(f"Expected hidden units as positive whole numbers; received {self.units!r}.")
        object.__setattr__(self, "layers", _as_layers(self.layers))

    def _as_tuple(self) -> tuple[int, ...]:
        """Read any sequence, so that a head from a file's list equals the one written in code."""
        if not isinstance(self.units, Sequence) or isinstance(self.units, str):
            raise ValueError(f"Expected hidden units as positive whole numbers; received {self.units!r}.")
        return tuple(self.units)

    @property
    def widths(self) -> tuple[int, ...]:
        """Hidden units as a tuple, one entry a layer."""
        return (self.units,) if isinstance(self.units, int) else tuple(self.units)

    def build(self, feature_shape: tuple[int | None, ...], classes: int) -> keras.Model:
        """Make the head for features of ``feature_shape`` (without the batch axis): features to float32 logits."""
        import keras
        from keras import layers

        features = keras.Input(feature_shape, name="features")
        x = self._pool(features) if len(feature_shape) == 3 else features
        for width in self.widths:
            x = layers.Dense(width, activation=self.activation)(self._drop(x))
            x = layers.BatchNormalization()(x) if self.batch_norm else x
        logits = layers.Dense(classes, dtype="float32", name="logits")(self._drop(x))
        return keras.Model(features, logits, name="head")

    def _pool(self, features: keras.KerasTensor) -> keras.KerasTensor:
        from keras import layers

        pool = layers.GlobalAveragePooling2D if self.pooling == "average" else layers.GlobalMaxPooling2D
        return pool()(features)

    def _drop(self, x: keras.KerasTensor) -> keras.KerasTensor:
        from keras import layers

        return layers.Dropout(self.dropout)(x) if self.dropout else x


def _as_layers(value: object) -> int | tuple[str, ...]:
    """Read a number of stages or names of layers."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= 1:
        return value
    if isinstance(value, Sequence) and not isinstance(value, str) and len(value):
        names = tuple(value)
        if all(isinstance(name, str) for name in names) and len(set(names)) == len(names):
            return names
    raise ValueError(
        f"Expected layers as a number of stages, 1 or more, or a list of different names of layers; received {value!r}."
    )
