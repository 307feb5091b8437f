"""zoo/models/head.py."""

import keras
import numpy as np
import pytest

from zoo import Head

MAP = (4, 4, 6)


def _kinds(head):
    return [type(layer).__name__ for layer in head.build(MAP, 3).layers[1:]]


def test_by_default_it_is_pooling_dropout_and_logits():
    assert _kinds(Head()) == ["GlobalAveragePooling2D", "Dropout", "Dense"]


def test_every_choice_adds_its_layers():
    kinds = _kinds(Head(pooling="max", units=(8, 4), batch_norm=True, dropout=0.5))
    block = ["Dropout", "Dense", "BatchNormalization"]
    assert kinds == ["GlobalMaxPooling2D", *block, *block, "Dropout", "Dense"]


def test_no_dropout_means_no_layer():
    assert _kinds(Head(dropout=0.0)) == ["GlobalAveragePooling2D", "Dense"]


def test_a_number_of_units_is_one_hidden_layer_with_the_activation():
    hidden = Head(units=64, activation="swish").build(MAP, 3).layers[-3]
    assert hidden.units == 64
    assert hidden.activation is keras.activations.silu


def test_flat_features_are_not_pooled():
    assert "GlobalAveragePooling2D" not in [type(layer).__name__ for layer in Head().build((10,), 3).layers]


def test_values_that_are_written_in_two_ways_have_one_key():
    for one, other in (({"units": 64}, {"units": (np.int64(64),)}), ({"dropout": 0}, {"dropout": 0.0})):
        assert repr(Head(**one)) == repr(Head(**other))


@pytest.mark.parametrize(("pooling", "reduce"), [("average", np.mean), ("max", np.max)])
def test_the_logits_are_linear_in_the_pooled_features(pooling, reduce):
    head = Head(pooling=pooling).build(MAP, 3)
    features = np.random.default_rng(0).normal(size=(2, *MAP)).astype(np.float32)
    kernel, bias = head.layers[-1].get_weights()
    np.testing.assert_allclose(np.asarray(head(features)), reduce(features, axis=(1, 2)) @ kernel + bias, atol=1e-5)


def test_logits_are_float32_under_mixed_precision():
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_float16")
    try:
        head = Head(units=8).build(MAP, 3)
    finally:
        keras.config.set_dtype_policy(before)
    assert head.layers[-3].compute_dtype == "float16"
    assert head.output.dtype == "float32"


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"pooling": "mean"}, "pooling.*'mean'"),
        ({"dropout": 1.0}, "dropout.*1.0"),
        ({"dropout": -0.1}, "-0.1"),
        ({"units": 0}, "units.*0"),
        ({"units": (64, -1)}, r"\(64, -1\)"),
        ({"units": True}, "True"),
        ({"units": 1.5}, "1.5"),
        ({"units": "64"}, "'64'"),
    ],
)
def test_a_wrong_choice_is_refused_when_it_is_made(wrong, message):
    with pytest.raises(ValueError, match=message):
        Head(**wrong)


def test_equal_choices_are_equal_heads():
    assert Head(units=(64,)) == Head(units=(64,))
    assert hash(Head(units=[64])) == hash(Head(units=(64,)))
