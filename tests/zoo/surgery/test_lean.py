"""zoo/surgery/lean.py, separable.py and training_only.py; that every backbone keeps its numbers: test_backbones.py."""

import keras
import pytest
from keras import layers

from zoo.surgery.lean import lean
from zoo.surgery.separable import separated
from zoo.surgery.training_only import without_training_layers


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"strides": 2, "padding": "same", "use_bias": False},
        {"depth_multiplier": 2, "activation": "relu"},
        {"dilation_rate": 2},
    ],
)
def test_a_separable_convolution_is_two(network, same, images, kinds, options):
    model = network(layers.SeparableConv2D(5, 3, **options))
    assert kinds(separated(model)) == ["DepthwiseConv2D", "Conv2D"]
    same(model, separated(model), images)


def test_one_that_is_called_twice_stays_one(images, same):
    given, twice = keras.Input((12, 12, 4)), layers.SeparableConv2D(4, 3, padding="same")
    model = keras.Model(given, twice(twice(given)))
    assert separated(model).count_params() == model.count_params()
    same(model, separated(model), images)


def test_what_only_training_needs_is_left_out(network, same, images, kinds):
    idle = [
        layers.Dropout(0.5),
        layers.SpatialDropout2D(0.5),
        layers.GaussianNoise(1.0),
        layers.ActivityRegularization(l2=1.0),
        layers.Activation("linear"),
    ]
    model = network(*idle, layers.Conv2D(4, 3), layers.Dropout(0.5))
    assert kinds(without_training_layers(model)) == ["Conv2D"]
    same(model, without_training_layers(model), images)


def test_an_activation_that_acts_stays(network, kinds):
    assert kinds(without_training_layers(network(layers.Activation("relu")))) == ["Activation"]


def test_a_layer_of_the_users_that_is_called_dropout_stays(network, kinds):
    class Dropout(layers.Layer):
        def call(self, x):
            return 2 * x

    assert kinds(without_training_layers(network(Dropout()))) == ["Dropout"]


def test_a_norm_behind_a_separable_convolution_is_taken_in(network, same, images, kinds):
    model = network(layers.SeparableConv2D(5, 3), layers.Dropout(0.1), layers.BatchNormalization(), layers.ReLU())
    assert kinds(lean(model)) == ["DepthwiseConv2D", "Conv2D", "ReLU"]
    same(model, lean(model), images)
