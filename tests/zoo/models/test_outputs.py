import keras
import numpy as np
import pytest

from zoo.models.outputs import are_probabilities, drawn_pictures, last_activation, outputs_of


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16"])
def test_rows_that_sum_to_one_are_probabilities(dtype):
    rows = np.random.default_rng(0).dirichlet(np.ones(200), 20).astype(dtype)
    assert are_probabilities(rows)


@pytest.mark.parametrize("rows", [
    [[0.5, 0.6], [0.5, 0.5]], [[1.5, -0.5], [0.5, 0.5]], [[np.nan, 1.0]], np.zeros((0, 2)), [[0.0, 0.0]],
])  # fmt: skip
def test_other_rows_are_none(rows):
    assert not are_probabilities(np.asarray(rows))


def test_drawn_pictures_differ_from_each_other():
    pictures = drawn_pictures((5, 7))
    assert (pictures.shape[1:], pictures.dtype) == ((5, 7, 3), np.uint8)
    assert len(np.unique(pictures.reshape(len(pictures), -1), axis=0)) == len(pictures)


def _model(ending):
    images = keras.Input((4, 4, 3))
    return keras.Model(images, ending(keras.layers.Dense(3)(keras.layers.Flatten()(images))))


@pytest.mark.parametrize("ending", [
    keras.layers.Activation("sigmoid"),
    lambda x: keras.layers.Dropout(0.1)(keras.layers.Activation("sigmoid")(x)),
    lambda x: keras.layers.Activation("linear", dtype="float32")(keras.ops.sigmoid(x)),
    keras.Sequential([keras.layers.Dense(3, activation="sigmoid")]),
])  # fmt: skip
def test_the_last_activation_is_found_behind_layers_that_change_nothing(ending):
    assert last_activation(_model(ending)) == "sigmoid"


def test_values_of_zero_to_one_are_sigmoids_only_behind_a_sigmoid():
    answers = np.array([[0.2, 0.9, 0.4], [0.1, 0.1, 0.3]])
    assert outputs_of(_model(keras.layers.Activation("sigmoid")), answers) == "sigmoids"
    assert outputs_of(_model(keras.layers.Dense(3)), answers) == "logits"
    assert outputs_of(_model(keras.layers.Activation("sigmoid")), answers * 2) == "logits"
