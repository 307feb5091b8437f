"""zoo/surgery/graph.py."""

import keras
import numpy as np
from keras import layers

from zoo.surgery.graph import flat, rebuilt


def _nested():
    inner = keras.Sequential([keras.Input((12, 12, 4)), layers.Conv2D(4, 3, padding="same", name="conv")], name="inner")
    given = keras.Input((12, 12, 4))
    x = layers.Conv2D(4, 1, name="conv")(given)
    return keras.Model(given, layers.Add()([inner(inner(x)), keras.ops.flip(x, axis=1)]), name="outer")


def test_networks_inside_are_written_out(images, same):
    model = _nested()
    written_out = flat(model)
    assert not any(isinstance(layer, keras.Model) for layer in written_out.layers)
    assert written_out.name == "outer"
    same(model, written_out, images)


def test_a_layer_that_is_called_twice_is_copied_once():
    model = _nested()
    assert flat(model).count_params() == model.count_params()


def test_copies_have_weights_of_their_own(images):
    model = _nested()
    copy = flat(model)
    before = np.asarray(copy(images))
    model.set_weights([weight * 0 for weight in model.get_weights()])
    np.testing.assert_array_equal(np.asarray(copy(images)), before)


def test_a_normalization_that_has_learned_answers_the_same(images, same):
    given, norm = keras.Input((12, 12, 4)), layers.Normalization()
    model = keras.Model(given, norm(given))
    norm.adapt(images * 3 + 1)
    same(model, flat(model), images)


def test_what_has_several_outputs_is_copied_as_it_is(images, same):
    first = keras.Input((12, 12, 4))
    two = keras.Model(first, [layers.Conv2D(2, 1)(first), layers.Conv2D(2, 1)(first)], name="two")
    given = keras.Input((12, 12, 4))
    model = keras.Model(given, layers.Add()(two(given)))
    assert [layer.name for layer in flat(model).layers].count("two") == 1
    same(model, flat(model), images)


def test_a_network_of_several_inputs_is_rebuilt():
    pair = [keras.Input((2,)), keras.Input((2,))]
    model = keras.Model(pair, layers.Add()(pair))
    again = rebuilt(model, lambda step, *args, **kwargs: step.operation(*args, **kwargs))
    ones = np.ones((1, 2), np.float32)
    np.testing.assert_array_equal(np.asarray(again([ones, 2 * ones])), [[3.0, 3.0]])
