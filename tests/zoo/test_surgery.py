"""zoo/surgery.py; that ConvNeXt keeps its numbers is part of test_backbones.py."""

import keras
import numpy as np
import pytest

from zoo import spec, surgery

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
    assert surgery.depthwise(model) is model


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
    rewritten = surgery.depthwise(model)
    assert isinstance(rewritten.get_layer("grouped"), keras.layers.DepthwiseConv2D)
    assert not isinstance(rewritten.get_layer("halves"), keras.layers.DepthwiseConv2D)
    np.testing.assert_allclose(np.asarray(rewritten(IMAGES)), np.asarray(model(IMAGES)), rtol=1e-4, atol=1e-4)


def test_the_rewrite_keeps_regularizers_and_what_is_frozen():
    model = _grouped(kernel_regularizer="l2", bias_regularizer="l1", trainable=False)
    layer = surgery.depthwise(model).get_layer("grouped")
    assert isinstance(layer.depthwise_regularizer, keras.regularizers.L2)
    assert isinstance(layer.bias_regularizer, keras.regularizers.L1)
    assert not layer.trainable


def _normalized(nested):
    images = keras.Input((4, 4, 3))
    norm = keras.layers.Normalization()
    return keras.Model(images, keras.Sequential([norm])(images) if nested else norm(images))


@pytest.mark.parametrize("nested", [False, True])
def test_copied_weights_take_effect_in_normalization_layers(nested):
    source, target = _normalized(nested), _normalized(nested)
    norm = source.layers[-1].layers[-1] if nested else source.layers[-1]
    norm.adapt(np.random.default_rng(0).normal(5, 3, (50, 4, 4, 3)).astype(np.float32))
    surgery.copy_weights(source, target)
    images = np.full((1, 4, 4, 3), 7, np.float32)
    np.testing.assert_array_equal(np.asarray(target(images)), np.asarray(source(images)))


def test_weights_of_another_network_are_not_copied():
    with pytest.raises(ValueError, match="expecting 32 weights"):
        surgery.copy_weights(spec("vgg16").builder((32, 32, 3)), spec("vgg19").builder((32, 32, 3)))
