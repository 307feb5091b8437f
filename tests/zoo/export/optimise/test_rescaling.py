"""zoo/export/optimise/rescaling.py: sums."""

import keras
import numpy as np
import pytest
from keras import layers
from keras.src.applications.inception_resnet_v2 import CustomScaleLayer

from zoo.export.optimise.rescaling import with_plain_sums
from zoo.export.optimise.stripping import lean
from zoo.models.flattening import read
from zoo.models.network import Memo


@pytest.fixture
def block():
    """A block of an Inception-ResNet: a part of the branch is added to what it was computed from."""
    given = keras.Input((12, 12, 4))
    branch = layers.Conv2D(4, 3, padding="same", bias_initializer="normal")(given)
    return keras.Model(given, layers.ReLU()(CustomScaleLayer(0.17)([given, branch])))


def test_the_convolution_takes_in_the_scale_of_a_sum(block, same, images, kinds):
    assert kinds(read(block)) == ["Conv2D", "CustomScaleLayer", "ReLU"]
    assert kinds(lean(block)) == ["Conv2D", "Add", "ReLU"]
    same(block, lean(block), images)


def test_a_branch_that_others_read_too_is_scaled_apart(same, images, kinds):
    given = keras.Input((12, 12, 4))
    branch = layers.Conv2D(4, 3, padding="same")(given)
    model = keras.Model(given, layers.Add()([CustomScaleLayer(0.3)([given, branch]), branch]))
    assert kinds(lean(model)) == ["Conv2D", "Rescaling", "Add", "Add"]
    same(model, lean(model), images)


def test_a_branch_added_to_itself(same, images):
    given = keras.Input((12, 12, 4))
    branch = layers.Conv2D(4, 3)(given)
    model = keras.Model(given, CustomScaleLayer(0.3)([branch, branch]))
    same(model, lean(model), images)


def test_a_sum_that_is_an_answer_and_called_twice(same, images):
    given, twice = keras.Input((12, 12, 4)), CustomScaleLayer(0.5)
    first = twice([given, layers.Conv2D(4, 1)(given)])
    model = keras.Model(given, [first, twice([first, layers.Conv2D(4, 1)(first)])])
    for expected, made in zip(model(images), lean(model)(images), strict=True):
        np.testing.assert_allclose(np.asarray(made), np.asarray(expected), atol=1e-5)


def test_precision_is_kept():
    half = keras.Input((12, 12, 4), dtype="float16")
    model = keras.Model(half, CustomScaleLayer(0.17, dtype="float16")([half, half]))
    assert keras.backend.standardize_dtype(lean(model)(np.ones((1, 12, 12, 4), np.float16)).dtype) == "float16"


def test_networks_without_such_a_sum_stay(network, kinds):
    model = network(layers.Conv2D(4, 3), layers.ReLU())
    assert with_plain_sums(read(model), Memo()).operations == read(model).operations
