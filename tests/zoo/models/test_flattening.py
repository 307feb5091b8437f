"""zoo/models/flattening.py."""

import gc
import weakref

import keras
import numpy as np
import pytest
from keras import layers

from zoo.export.optimise.stripping import lean
from zoo.models.cloning import take_apart
from zoo.models.flattening import read
from zoo.models.network import Memo

pytestmark = pytest.mark.fits


def _nested():
    inner = keras.Sequential([keras.Input((12, 12, 4)), layers.Conv2D(4, 3, padding="same", name="conv")], name="inner")
    given = keras.Input((12, 12, 4))
    x = layers.Conv2D(4, 1, name="conv")(given)
    return keras.Model(given, layers.Add()([inner(inner(x)), keras.ops.flip(x, axis=1)]), name="outer")


def test_networks_inside_are_written_out(images, same, kinds):
    model = _nested()
    assert sorted(kinds(read(model))) == ["Add", "Conv2D", "Conv2D", "Flip"]
    same(model, read(model), images)


def test_its_weights_are_the_models_own_each_once():
    model = _nested()
    assert {id(weight) for weight in read(model).weights} == {id(weight) for weight in model.weights}
    assert len(read(model).weights) == len(model.weights)


def test_what_follows_alone_is_one_chain(network):
    chains = read(network(layers.ReLU(), layers.Conv2D(3, 1), layers.ReLU())).chains
    assert [len(chain.links) for chain in chains] == [3]


def test_chains_end_where_ways_part_and_meet():
    given = keras.Input((4, 4, 2))
    x = layers.ReLU()(layers.Conv2D(2, 1)(given))
    model = keras.Model(given, layers.Add()([layers.Conv2D(2, 1)(x), x]))
    assert [len(chain.links) for chain in read(model).chains] == [2, 1, 1]


def test_several_inputs_and_outputs_keep_their_places_and_names():
    pair = [keras.Input((2,)), keras.Input((2,))]
    model = keras.Model(pair, {"less": layers.Subtract()(pair), "first": pair[0]})
    ones = np.ones((1, 2), np.float32)
    answers = read(model)(3 * ones, ones)
    np.testing.assert_array_equal(np.asarray(answers["less"]), 2 * ones)
    np.testing.assert_array_equal(np.asarray(answers["first"]), 3 * ones)


def test_it_knows_which_inputs_its_answer_depends_on():
    inputs = [keras.Input((2,)) for _ in range(3)]
    network = read(keras.Model(inputs, layers.Add()(inputs[1:])))
    assert network.reads == [False, True, True]
    ones = np.ones((1, 2), np.float32)
    np.testing.assert_array_equal(np.asarray(network(None, ones, ones)), 2 * ones)


def test_layers_that_act_in_training_are_computed_as_when_it_predicts(network, images, same):
    model = network(layers.Dropout(0.9), layers.BatchNormalization(momentum=0.0))
    before = [np.array(weight) for weight in model.get_weights()]
    same(model, read(model), images)
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(new, old)


def test_a_normalization_that_has_learned_answers_the_same(images, same):
    given, norm = keras.Input((12, 12, 4)), layers.Normalization()
    model = keras.Model(given, norm(given))
    norm.adapt(images * 3 + 1)
    same(model, read(model), images)


def test_a_value_that_is_read_twice_by_one_layer_is_given_twice():
    given = keras.Input((2,))
    model = keras.Model(given, layers.Multiply()([given, given]))
    np.testing.assert_array_equal(np.asarray(read(model)(3 * np.ones((1, 2), np.float32))), [[9, 9]])


def test_named_arguments_of_a_call_are_kept():
    given = keras.Input((2, 3))
    model = keras.Model(given, keras.ops.sum(given, axis=1, keepdims=True))
    assert np.asarray(read(model)(np.ones((1, 2, 3), np.float32))).shape == (1, 1, 3)


def test_of_a_model_taken_apart_only_the_layers_stay_that_are_used(network, images, same):
    given = keras.Input((12, 12, 4))
    norm = layers.BatchNormalization(name="folded")
    model = keras.Model(given, layers.ReLU(name="stays")(norm(layers.Conv2D(3, 1, name="replaced")(given))))
    expected = np.asarray(model(images))
    gone = [weakref.ref(model), weakref.ref(norm), weakref.ref(model.get_layer("replaced"))]
    written = lean(model)
    take_apart(model)
    del model, norm, given
    gc.collect()
    assert [reference() for reference in gone] == [None] * 3
    np.testing.assert_allclose(np.asarray(written(images)), expected, atol=1e-5)


def test_what_was_made_about_something_goes_when_the_next_is_made():
    memo, about = Memo(), layers.ReLU()
    made = weakref.ref(memo.once("made", [about], layers.ReLU))
    del about
    gc.collect()
    other = layers.ReLU()
    memo.once("made", [other], layers.ReLU)
    gc.collect()
    assert made() is None
