"""zoo/explanation/feature_map.py."""

import keras
import numpy as np
import pytest
from keras import layers

from zoo.explanation.feature_map import cut_at

pytestmark = pytest.mark.fits


@pytest.fixture(scope="module")
def residual():
    """A network with a nested residual part, a strided one behind it, and a head."""
    given = keras.Input((16, 16, 4))
    x = layers.Conv2D(4, 3, padding="same", name="inner_conv")(given)
    body = keras.Model(given, layers.Add(name="sum")([given, x]), name="body")
    images = keras.Input((16, 16, 3))
    x = body(layers.Conv2D(4, 3, padding="same", name="first")(images))
    x = layers.Conv2D(8, 3, strides=2, padding="same", activation="relu", name="second")(layers.ZeroPadding2D()(x))
    return keras.Model(images, layers.Dense(3)(layers.GlobalAveragePooling2D()(x)), name="whole")


@pytest.mark.parametrize("least", [1, 9, 12, 16, 99])
def test_the_halves_are_the_whole(residual, least):
    images = np.random.default_rng(0).normal(size=(2, 16, 16, 3)).astype(np.float32)
    cut = cut_at(residual, least)
    features = cut.features(keras.ops.convert_to_tensor(images))
    assert tuple(features.shape[1:3]) == cut.sides
    np.testing.assert_allclose(np.asarray(cut.logits(features)), np.asarray(residual(images)), atol=1e-6)


@pytest.mark.parametrize(("least", "side"), [(1, 9), (9, 9), (10, 16), (99, 16)])
def test_the_last_map_that_is_large_enough_is_taken(residual, least, side):
    assert cut_at(residual, least).sides == (side, side)


def test_a_padded_map_and_the_inside_of_a_branch_are_no_cut(residual):
    cut = cut_at(residual, 16)
    assert cut.network.chains[cut.chain].links[cut.links - 1].operation.name == "sum"


def test_what_comes_before_a_kernel_that_learns_is_none():
    images = keras.Input((8, 8, 3))
    flat = layers.Dense(2)(layers.Flatten()(layers.Rescaling(2.0)(images)))
    assert cut_at(keras.Model(images, flat)) is None


def test_a_network_with_a_call_of_its_own_has_none():
    class Own(keras.Model):
        def call(self, images):
            return images

    assert cut_at(Own()) is None
