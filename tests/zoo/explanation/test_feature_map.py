"""zoo/explanation/feature_map.py."""

import keras
import numpy as np
import pytest
from keras import layers

from zoo.explanation.activation_maps import activation_maps
from zoo.explanation.feature_map import cut_at
from zoo.models.hub.token_layers import PooledTokens, Tokens

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


@pytest.fixture
def transformer():
    """Patches, a class token before them, two blocks of attention, and a head on the class token."""
    images = keras.Input((12, 8, 3))
    patches = layers.Conv2D(16, 4, strides=4, name="patches")(layers.Rescaling(1 / 255)(images))
    x = layers.Reshape((6, 16), name="flat")(patches)
    x = Tokens((3, 2), prefix=1, name="tokens")(x)
    for number in (1, 2):
        normed = layers.LayerNormalization()(x)
        attended = layers.MultiHeadAttention(2, 8, name=f"attention_{number}")(normed, normed)
        x = layers.Add(name=f"attended_{number}")([x, attended])
        x = layers.Add(name=f"block_{number}")([x, layers.Dense(16, activation="gelu")(x)])
    return keras.Model(images, layers.Dense(3)(PooledTokens("first")(x)))


def test_a_transformer_is_cut_before_its_last_attention(transformer):
    cut = cut_at(transformer)
    assert (cut.tokens, cut.sides) == (True, (3, 2))
    assert cut.network.chains[cut.chain].links[cut.links - 1].operation.name == "block_1"
    images = keras.ops.convert_to_tensor(np.random.default_rng(0).normal(size=(2, 12, 8, 3)).astype(np.float32))
    tokens = cut.features(images)
    assert tuple(tokens.shape) == (2, 7, 16)
    np.testing.assert_allclose(np.asarray(cut.logits(tokens)), np.asarray(transformer(images)), atol=1e-5)
    map_ = cut.as_map(np.asarray(tokens))
    np.testing.assert_array_equal(map_[1, 2, 1], np.asarray(tokens)[1, 6])  # the last place is the last token


def test_tokens_that_no_attention_has_mixed_are_those_before_the_first(transformer):
    cut = cut_at(transformer, unmixed=True)
    assert cut.network.chains[cut.chain].links[cut.links - 1].operation.name == "tokens"
    images = keras.ops.convert_to_tensor(np.random.default_rng(0).normal(size=(2, 12, 8, 3)).astype(np.float32))
    np.testing.assert_allclose(np.asarray(cut.logits(cut.features(images))), np.asarray(transformer(images)), atol=1e-5)


def test_a_map_of_tokens_is_high_at_the_patch_that_is_read(transformer):
    """With attention that adds nothing, an answer read from one token rests on its patch alone."""
    for number in (1, 2):
        attention = transformer.get_layer(f"attention_{number}")
        attention.set_weights([np.zeros_like(weight) for weight in attention.get_weights()])
    fifth = layers.Flatten()(layers.Cropping1D((5, 1))(transformer.get_layer("block_2").output))
    model = keras.Model(transformer.inputs, layers.Dense(3)(fifth))
    images = np.random.default_rng(0).integers(0, 256, (1, 12, 8, 3)).astype(np.uint8)
    maps = [
        activation_maps(model, images, sign * np.eye(3, dtype=np.float32)[:1], method="layercam") for sign in (1, -1)
    ]
    row, column = np.unravel_index(np.sum(maps, axis=(0, 1)).argmax(), (12, 8))
    assert (row // 4, column // 4) == (2, 0)  # of the patches behind the class token the fifth
