"""zoo/models/depthwise.py; that ConvNeXt keeps its numbers is part of test_backbones.py."""

import keras
import numpy as np
import pytest

from zoo import spec
from zoo.models.depthwise import depthwise

IMAGES = np.random.default_rng(0).normal(size=(2, 32, 32, 3)).astype(np.float32)


def _grouped(**options):
    """A network whose second convolution is fully grouped, whose third is grouped by halves."""
    images = keras.Input((32, 32, 3))
    x = keras.layers.Conv2D(8, 3)(images)
    x = keras.layers.Conv2D(8, 7, groups=8, name="grouped", **options)(x)
    return keras.Model(images, keras.layers.Conv2D(8, 3, groups=2, name="halves")(x))


def _sizeable(model):
    random = np.random.default_rng(1)
    model.set_weights([random.normal(0, 0.3, weight.shape) for weight in model.weights])


def test_a_model_without_grouped_convolutions_is_returned_as_it_is():
    model = spec("simple_cnn").builder((16, 16, 3))
    assert depthwise(model) is model


@pytest.mark.parametrize(
    "options",
    [
        {"padding": "same"},
        {"padding": "same", "use_bias": False},
        {"padding": "valid", "strides": 2, "activation": "relu"},
        {"padding": "same", "dilation_rate": 2},
    ],
)
def test_a_fully_grouped_convolution_becomes_a_depthwise_one_of_the_same_numbers(options):
    model = _grouped(**options)
    _sizeable(model)
    rewritten = depthwise(model)
    assert isinstance(rewritten.get_layer("grouped"), keras.layers.DepthwiseConv2D)
    assert not isinstance(rewritten.get_layer("halves"), keras.layers.DepthwiseConv2D)
    np.testing.assert_allclose(np.asarray(rewritten(IMAGES)), np.asarray(model(IMAGES)), rtol=1e-4, atol=1e-4)


def test_the_rewrite_keeps_regularizers_and_what_is_frozen():
    model = _grouped(kernel_regularizer="l2", bias_regularizer="l1", trainable=False)
    layer = depthwise(model).get_layer("grouped")
    assert isinstance(layer.depthwise_regularizer, keras.regularizers.L2)
    assert isinstance(layer.bias_regularizer, keras.regularizers.L1)
    assert not layer.trainable
