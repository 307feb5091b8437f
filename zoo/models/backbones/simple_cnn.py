"""The small networks of the second report, trained from scratch: baselines, and members for plain machines.

Pixels: 0 to 255, divided inside the graph. Both end in flattened features, because where something lies
matters to a network this shallow.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from zoo.models.registry import Shape, register

if TYPE_CHECKING:
    import keras

FILTERS = (32, 64)
L2_STRENGTH = 1e-4
DROPOUT = 0.3

simple = partial(
    register,
    family="SimpleCNN",
    pixels="inside",
    image_size=96,
    min_size=8,
    paper="NoPainNoTrain, AN2DL first homework, 2024",
)


@simple(parameters=19_392)
def simple_cnn(input_shape: Shape | None, weights: str | None = None) -> keras.Model:
    """Two blocks of one convolution and one pooling: the report's baseline network."""
    from keras import Input, Model, layers

    images = Input(input_shape)
    x = layers.Rescaling(1 / 255)(images)
    for filters in FILTERS:
        x = layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
        x = layers.MaxPooling2D()(x)
    return Model(images, layers.Flatten()(x), name="simple_cnn")


@simple(parameters=19_776)
def simple_cnn_regularized(input_shape: Shape | None, weights: str | None = None) -> keras.Model:
    """The baseline with LeCun-normal weights, L2, batch norm and dropout: the report's Networks 3 and 4."""
    from keras import Input, Model, layers, regularizers

    images = Input(input_shape)
    x = layers.Rescaling(1 / 255)(images)
    for filters in FILTERS:
        x = layers.Conv2D(
            filters,
            3,
            padding="same",
            kernel_initializer="lecun_normal",
            kernel_regularizer=regularizers.L2(L2_STRENGTH),
        )(x)
        x = layers.Activation("relu")(layers.BatchNormalization()(x))
        x = layers.Dropout(DROPOUT)(layers.MaxPooling2D()(x))
    return Model(images, layers.Flatten()(x), name="simple_cnn_regularized")
