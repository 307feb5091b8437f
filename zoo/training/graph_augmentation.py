"""keras-cv's augmentation layers inside the graph that is trained, on the device that trains.

They draw from generators of their own, from samplers of their factors and from TensorFlow's global state. Here all of
them draw from one generator, set anew from (seed, epoch) every epoch: the same seed gives the same images, and a
training that is resumed at an epoch goes on as if it had never stopped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from zoo.augment.from_keras_cv import SPARE_SEED, augmentation_layer, draw_from
from zoo.augment.graph_layers import VALUE_RANGE, check_layers

if TYPE_CHECKING:
    import tensorflow as tf


def training_model(model: keras.Model, specs: Sequence[Mapping[str, Any]], *, seed: int | Sequence[int]) -> keras.Model:
    """Put layers before a network: they change images in training, and leave them as they are in prediction.

    Args:
        model: takes uint8 images ``(N, H, W, 3)``; it stays as it is and shares its weights with the result.
        specs: what :func:`zoo.augment.graph_layers.check_layers` accepts, in order; without any, ``model`` is returned.
        seed: of all that is drawn.

    Returns:
        A model of the same inputs and outputs, to be fitted with :class:`Reseed` among the callbacks. Save ``model``,
        not this one.

    Raises:
        ValueError: layers that cannot be made, or another Keras backend than TensorFlow.
    """
    if not specs:
        return model
    check_layers(specs)
    if keras.backend.backend() != "tensorflow":
        raise ValueError(
            f"Expected the TensorFlow backend, on which keras-cv's layers run; received {keras.backend.backend()!r}. "
            "Set KERAS_BACKEND=tensorflow, or leave the layers out of the graph."
        )
    images = keras.Input(model.input_shape[1:], dtype="uint8", name="images")
    return keras.Model(images, model(GraphLayers(specs, model.input_shape[1:3], seed)(images)), name=model.name)


class GraphLayers(keras.layers.Layer):
    """keras-cv's layers as one: uint8 images in and out, changed in training only.

    Args:
        specs: the layers.
        size: ``(height, width)`` of the images in pixels.
        seed: of all that is drawn.
    """

    def __init__(self, specs: Sequence[Mapping[str, Any]], size: tuple[int, int], seed: int | Sequence[int]) -> None:
        import tensorflow as tf

        super().__init__(name="graph_layers", dtype="float32")
        self.seed = seed
        self.generator = tf.random.Generator.from_seed(SPARE_SEED, alg="philox")
        self.inner = [augmentation_layer(spec, size) for spec in specs]
        for layer in self.inner:
            draw_from(self.generator, layer)
        self.supports_jit = False  # XLA has no warps of images
        self.built = True
        self.reseed(0)

    def reseed(self, epoch: int) -> None:
        """Start an epoch: what is drawn from now on depends on the seed and the epoch alone."""
        (state,) = np.random.SeedSequence(self.seed, spawn_key=(epoch,)).generate_state(1, np.uint64)
        self.generator.reset_from_seed(int(state >> np.uint64(1)))

    def call(self, images: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Change ``(N, H, W, 3)`` uint8 images if they are trained on."""
        if not training:
            return images
        x = keras.ops.cast(images, "float32")
        for layer in self.inner:
            x = layer(x)
        pixels = keras.ops.cast(keras.ops.round(keras.ops.clip(x, *VALUE_RANGE)), "uint8")
        return keras.ops.reshape(pixels, keras.ops.shape(images))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Images stay of their size."""
        return input_shape


class Reseed(keras.callbacks.Callback):
    """Sets the layers of a :func:`training_model` anew from each epoch's number; other models stay as they are."""

    def on_epoch_begin(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Start an epoch."""
        for layer in self.model.layers:
            if isinstance(layer, GraphLayers):
                layer.reseed(epoch)
