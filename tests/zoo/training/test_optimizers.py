"""zoo/training/optimizers.py: against Keras' own optimizers, and by hand."""

import keras
import numpy as np
import pytest

from zoo import Recipe
from zoo.training.optimizers import innermost, optimizer

PLAIN = {
    "adamw": lambda: keras.optimizers.AdamW(0.1, weight_decay=0.5),
    "lion": lambda: keras.optimizers.Lion(0.1, weight_decay=0.5),
    "sgd": lambda: keras.optimizers.SGD(0.1, momentum=0.9, weight_decay=0.5),
}


def _variables(*values):
    return [keras.Variable(np.array(value, np.float32)) for value in values]


def _make(name="sgd", variables=(), scales=None, **options):
    made = optimizer(Recipe(optimizer=name, **options), 0.1, scales or [1.0] * len(variables))
    made.build(variables)
    return made


def _arrays(variables):
    return [variable.numpy() for variable in variables]


@pytest.mark.parametrize("name", ["adamw", "lion", "sgd"])
def test_kernels_move_as_under_keras_own_optimizer(name):
    start = np.linspace(-1, 1, 6).reshape(2, 3)
    (ours,), (theirs,) = _variables(start), _variables(start)
    made, plain = _make(name, [ours], weight_decay=0.5, clip_norm=None), PLAIN[name]()
    for step in range(4):
        gradient = np.sin(np.arange(6).reshape(2, 3) + step).astype(np.float32)
        made.apply([gradient], [ours])
        plain.apply([gradient], [theirs])
    np.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=1e-5)


def test_learned_tokens_and_positions_do_not_decay():
    kernel, positions = (keras.Variable(np.ones((2, 2), np.float32), name=name) for name in ("kernel", "positions"))
    made = _make("adamw", [kernel, positions], weight_decay=0.5, clip_norm=None)
    made.apply([np.zeros((2, 2), np.float32)] * 2, [kernel, positions])
    assert kernel.numpy().max() < 1
    np.testing.assert_array_equal(positions.numpy(), 1)


def test_adams_decay_is_a_penalty_in_the_gradient():
    (ours,), (theirs,) = _variables(np.ones((2, 2))), _variables(np.ones((2, 2)))
    made, plain = _make("adam", [ours], weight_decay=0.5, clip_norm=None), keras.optimizers.Adam(0.1)
    for gradient in (0.3, -0.2):
        plain.apply([np.full((2, 2), gradient, np.float32) + 0.5 * theirs.numpy()], [theirs])
        made.apply([np.full((2, 2), gradient, np.float32)], [ours])
    np.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=1e-5)


@pytest.mark.parametrize("name", ["adamw", "adam", "lion", "sgd"])
def test_weight_decay_pulls_at_kernels_and_not_at_biases_and_norms(name):
    images = keras.Input((4, 4, 2))
    x = keras.layers.DepthwiseConv2D(3, name="depthwise")(images)
    x = keras.layers.LayerNormalization()(keras.layers.BatchNormalization()(x))
    variables = keras.Model(images, keras.layers.Dense(2)(x)).trainable_variables
    for variable in variables:
        variable.assign(np.ones(variable.shape))
    made = _make(name, variables, weight_decay=0.5)
    made.apply([np.zeros(variable.shape, np.float32) for variable in variables], variables)
    assert {variable.name for variable in variables if variable.numpy().max() < 1} == {"kernel"}


def test_each_variable_has_its_own_rate():
    variables = _variables([1.0], [1.0], [1.0])
    made = _make("sgd", variables, scales=[1.0, 0.5, 0.1], clip_norm=None)
    made.apply([np.ones(1, np.float32)] * 3, variables)
    np.testing.assert_allclose(np.concatenate(_arrays(variables)), [0.9, 0.95, 0.99], rtol=1e-6)


def test_the_factor_lowers_the_rate_and_is_saved_with_the_rest():
    (variable,) = _variables([1.0])
    made = _make("sgd", [variable], clip_norm=None)
    made.factor.assign(0.5)
    made.apply([np.ones(1, np.float32)], [variable])
    assert variable.numpy()[0] == pytest.approx(0.95)
    assert made.rate() == pytest.approx(0.05)
    assert any(own is made.factor for own in made.variables)


def test_gradients_are_clipped_by_their_common_norm():
    variables = _variables([0.0], [0.0])
    made = _make("sgd", variables, clip_norm=1.0)
    made.apply([np.array([3.0], np.float32), np.array([4.0], np.float32)], variables)
    np.testing.assert_allclose(np.concatenate(_arrays(variables)), [-0.06, -0.08], rtol=1e-5)


def test_accumulated_steps_are_one_step_of_their_mean():
    (ours,), (theirs,) = _variables([1.0]), _variables([1.0])
    made, plain = _make("adamw", [ours], accumulate=2, weight_decay=0.0), _make("adamw", [theirs], weight_decay=0.0)
    made.apply([np.array([0.1], np.float32)], [ours])
    assert ours.numpy()[0] == 1.0
    made.apply([np.array([0.3], np.float32)], [ours])
    plain.apply([np.array([0.2], np.float32)], [theirs])
    np.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=1e-6)


def test_the_running_average_is_that_of_updates_however_many_steps_they_take():
    (ours,), (theirs,) = _variables([1.0]), _variables([1.0])
    made = _make("sgd", [ours], ema=0.9, accumulate=2, clip_norm=None)
    plain = _make("sgd", [theirs], ema=0.9, clip_norm=None)
    for _ in range(20):
        made.apply([np.array([0.1], np.float32)], [ours])
        made.apply([np.array([0.1], np.float32)], [ours])
        plain.apply([np.array([0.1], np.float32)], [theirs])
    average, expected = (one._model_variables_moving_average[0].numpy()[0] for one in (made, plain))
    # half of each average step comes before the update, which is late by half of what an update moves, 0.1 at most
    assert average == pytest.approx(expected, abs=0.05)


def test_the_running_average_follows_the_weights():
    (variable,) = _variables([1.0])
    made = _make("sgd", [variable], ema=0.9, clip_norm=None)
    weights = []
    for gradient in (1.0, 1.0):
        made.apply([np.array([gradient], np.float32)], [variable])
        weights.append(variable.numpy()[0])
    average = float(made._model_variables_moving_average[0].numpy()[0])
    assert average == pytest.approx(0.9 * weights[0] + 0.1 * weights[1])


def test_sgd_has_momentum():
    assert _make("sgd").momentum == 0.9


def test_the_loss_scale_is_looked_through():
    made = _make("sgd")
    assert innermost(keras.optimizers.LossScaleOptimizer(made)) is made
    assert innermost(made) is made
