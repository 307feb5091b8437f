"""Rewrites leave alone what they do not know: users' layers, other precisions, models with a call of their own."""

import keras
import numpy as np
import pytest
from keras import layers

from zoo.export.optimise.stripping import lean
from zoo.models.flattening import read


class LayerScale(layers.Layer):
    """Not ConvNeXt's."""

    def build(self, shape):
        self.gamma = self.add_weight(shape=(shape[-1],), initializer="ones")

    def call(self, x):
        return x * (1 + self.gamma)


class OwnNorm(layers.BatchNormalization):
    def call(self, x, training=None):
        return super().call(x, training=training) + 1


class OwnGelu(layers.Layer):
    def __init__(self, **options):
        super().__init__(**options)
        self.activation = keras.activations.gelu

    def call(self, x):
        return 2 * self.activation(x)


class Doubled(keras.Sequential):
    def call(self, x):
        return 2 * super().call(x)


@pytest.mark.parametrize("layer", [LayerScale(), OwnNorm(), OwnGelu()])
def test_layers_of_the_users_are_computed_as_they_are(network, same, images, layer):
    model = network(layers.Conv2D(5, 3), layer, layers.Conv2D(4, 1))
    assert layer in lean(model).operations
    same(model, lean(model), images)


def test_a_model_with_a_call_of_its_own_is_called(images, same):
    inner = Doubled([keras.Input((12, 12, 4)), layers.Conv2D(3, 1)])
    given = keras.Input((12, 12, 4))
    model = keras.Model(given, inner(given))
    same(model, lean(model), images)
    with pytest.raises(TypeError, match=r"functional.*Doubled"):
        read(inner)


def test_a_model_that_casts_what_it_is_given_still_does():
    inside = keras.Input((4, 4, 3), dtype="uint8")
    inner = keras.Model(inside, layers.Rescaling(1.0, dtype="float32")(inside))
    given = keras.Input((8, 8, 3), dtype="uint8")
    model = keras.Model(given, inner(layers.Resizing(4, 4, dtype="float32")(given)))
    images = np.random.default_rng(0).integers(0, 256, (2, 8, 8, 3)).astype(np.uint8)
    np.testing.assert_array_equal(np.asarray(lean(model)(images)), np.asarray(model(images)))


def test_a_change_of_precision_stays(images):
    given = keras.Input((12, 12, 4))
    x = layers.Dense(5, dtype="mixed_float16")(given)
    model = keras.Model(given, layers.Rescaling(1.0, dtype="float32")(layers.Activation("linear", dtype="float32")(x)))
    answer = lean(model)(images)
    assert keras.backend.standardize_dtype(answer.dtype) == "float32"
    np.testing.assert_array_equal(np.asarray(answer), np.asarray(model(images)))


def test_calls_of_one_layer_on_integers_and_on_floats_are_told_apart(same):
    given, rescaling = keras.Input((6, 6, 3), dtype="uint8"), layers.Rescaling(0.5, 1.0, dtype="float32")
    conv, floats = layers.Conv2D(4, 3, bias_initializer="normal"), layers.Rescaling(2.0, dtype="float32")
    model = keras.Model(given, layers.Add()([conv(rescaling(given)), conv(rescaling(floats(given)))]))
    images = np.random.default_rng(0).integers(0, 256, (2, 6, 6, 3)).astype(np.uint8)
    same(model, lean(model), images)


def test_grouped_convolutions_of_the_users_become_depthwise(network, same, images, kinds):
    model = network(layers.Conv2D(4, 3, groups=4), layers.BatchNormalization())
    assert kinds(lean(model)) == ["DepthwiseConv2D"]
    same(model, lean(model), images)


def test_convnexts_layer_scale_is_taken_in(network, same, images, kinds):
    from keras.src.applications.convnext import LayerScale as Known

    model = network(layers.Dense(5), Known(1e-6, 5))
    assert kinds(lean(model)) == ["Dense"]
    same(model, lean(model), images)
