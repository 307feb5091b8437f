"""zoo/export/optimise/folding.py."""

import keras
import numpy as np
import pytest
from keras import layers

from zoo.export.optimise.folding import folded
from zoo.models.flattening import read

pytestmark = pytest.mark.fits

NORMS = {
    "batch norm": layers.BatchNormalization,
    "batch norm without scale": lambda: layers.BatchNormalization(scale=False),
    "batch norm without center": lambda: layers.BatchNormalization(center=False),
    "rescaling": lambda: layers.Rescaling(1 / 3, -0.7),
    "normalization": lambda: layers.Normalization(mean=0.3, variance=2.0),
}
LINEAR = {
    "convolution": lambda **o: layers.Conv2D(6, 3, **o),
    "with strides": lambda **o: layers.Conv2D(6, 3, strides=2, **o),
    "pointwise": lambda **o: layers.Conv2D(6, 1, **o),
    "grouped": lambda **o: layers.Conv2D(6, 3, groups=2, **o),
    "depthwise": lambda **o: layers.DepthwiseConv2D(3, **o),
    "depthwise, two of each": lambda **o: layers.DepthwiseConv2D(3, depth_multiplier=2, **o),
    "dense": lambda **o: layers.Dense(6, **o),
}


def _folded(model):
    return read(model).rewritten(folded).operations


def _operations(model):
    return read(model).operations


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("linear", LINEAR)
def test_what_comes_after_is_taken_in(network, same, images, kinds, linear, norm, bias):
    model = network(LINEAR[linear](use_bias=bias), NORMS[norm](), layers.ReLU())
    lean = read(model).rewritten(folded)
    assert len(kinds(lean)) == 2
    same(model, lean, images)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("linear", LINEAR)
def test_what_comes_before_is_taken_in(network, same, images, kinds, linear, norm, bias):
    model = network(layers.ReLU(), NORMS[norm](), LINEAR[linear](use_bias=bias, activation="tanh"))
    lean = read(model).rewritten(folded)
    assert len(kinds(lean)) == 2
    same(model, lean, images)


def test_several_are_taken_in_one_by_one(network, same, images, kinds):
    model = network(
        layers.Rescaling(0.1), layers.BatchNormalization(), layers.Conv2D(5, 3), layers.BatchNormalization()
    )
    lean = read(model).rewritten(folded)
    assert kinds(lean) == ["Conv2D"]
    same(model, lean, images)


def test_a_shift_before_a_border_of_zeros_stays(network):
    model = network(layers.ReLU(), layers.BatchNormalization(), layers.Conv2D(5, 3, padding="same"))
    assert _folded(model) == _operations(model)


def test_a_scale_before_a_border_of_zeros_is_taken_in(network, same, images, kinds):
    model = network(layers.ReLU(), layers.Rescaling(1 / 255), layers.Conv2D(5, 3, padding="same"))
    assert kinds(read(model).rewritten(folded)) == ["ReLU", "Conv2D"]
    same(model, read(model).rewritten(folded), images)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (layers.Conv2D(4, 3, activation="relu"), layers.BatchNormalization()),  # an activation lies between
        (layers.Conv2D(4, 3), layers.BatchNormalization(axis=1)),  # of rows, not of channels
        (layers.Conv2D(4, 3), layers.Normalization(axis=None, mean=0.1, variance=1.0, invert=True)),
        (layers.MaxPooling2D(), layers.BatchNormalization()),  # nothing to multiply
    ],
)
def test_what_cannot_be_taken_in_stays(network, before, after):
    model = network(before, after)
    assert _folded(model) == _operations(model)


def test_a_convolution_that_others_read_too_stays():
    given = keras.Input((12, 12, 4))
    shared = layers.Conv2D(4, 3)(given)
    model = keras.Model(given, layers.Add()([layers.BatchNormalization()(shared), shared]))
    assert _folded(model) == _operations(model)


def test_a_call_whose_norm_is_taken_in_leaves_the_other_call_alone(images, same, kinds):
    given, conv = keras.Input((12, 12, 4)), layers.Conv2D(4, 3, padding="same")
    model = keras.Model(given, layers.BatchNormalization()(conv(layers.ReLU()(conv(given)))))
    assert kinds(read(model).rewritten(folded)) == ["Conv2D", "ReLU", "Conv2D"]
    same(model, read(model).rewritten(folded), images)


def test_a_network_that_is_called_twice_is_folded_once(network, images, same, kinds):
    inner, given = network(layers.Conv2D(4, 3), layers.BatchNormalization()), keras.Input((12, 12, 4))
    model = keras.Model(given, layers.Add()([inner(given), inner(keras.ops.flip(given, axis=1))]))
    assert sorted(kinds(read(model).rewritten(folded))) == ["Add", "Conv2D", "Flip"]
    same(model, read(model).rewritten(folded), images)


def test_a_convolution_whose_answer_is_an_output_too_stays():
    given = keras.Input((12, 12, 4))
    x = layers.Conv2D(4, 3)(given)
    model = keras.Model(given, [layers.BatchNormalization()(x), x])
    assert _folded(model) == _operations(model)


def test_integers_are_not_given_to_a_convolution():
    given = keras.Input((12, 12, 3), dtype="uint8")
    model = keras.Model(given, layers.Conv2D(4, 3)(layers.Rescaling(1 / 255)(given)))
    assert _folded(model) == _operations(model)


def test_the_model_itself_is_left_as_it_is(network, images):
    model = network(layers.Conv2D(4, 3), layers.BatchNormalization())
    before = np.asarray(model(images))
    read(model).rewritten(folded)
    np.testing.assert_array_equal(np.asarray(model(images)), before)
