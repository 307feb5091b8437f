"""zoo/training/optimizers.py."""

import keras
import numpy as np
import pytest

from zoo import Recipe
from zoo.training.optimizers import optimizer, schedule


def _rates(recipe, steps, at):
    rate = schedule(recipe, 0.1, steps)
    return [float(rate(step)) for step in at]


def test_a_constant_rate_is_a_number():
    assert schedule(Recipe(schedule="constant"), 0.1, 100) == 0.1


def test_the_cosine_without_warm_up_by_hand():
    # 0.1 * ((1 - 0.2) * (1 + cos(pi * step / 100)) / 2 + 0.2)
    recipe = Recipe(warmup=0.0, final_share=0.2)
    np.testing.assert_allclose(_rates(recipe, 100, (0, 50, 100, 150)), [0.1, 0.06, 0.02, 0.02], rtol=1e-5)


def test_the_warm_up_is_a_straight_line_and_the_cosine_takes_the_rest():
    recipe = Recipe(warmup=0.2, final_share=0.0)
    # 20 of 100 steps warm up; of the other 80, 40 are half the cosine
    np.testing.assert_allclose(_rates(recipe, 100, (0, 5, 10, 20, 60, 100)), [0, 0.025, 0.05, 0.1, 0.05, 0], atol=1e-7)


def test_a_phase_of_one_step_has_a_rate():
    assert _rates(Recipe(), 1, (0,)) == [pytest.approx(0.1)]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("adamw", keras.optimizers.AdamW),
        ("adam", keras.optimizers.Adam),
        ("lion", keras.optimizers.Lion),
        ("sgd", keras.optimizers.SGD),
    ],
)
def test_every_name_is_its_optimizer(name, kind):
    made = optimizer(Recipe(optimizer=name, schedule="constant"), 0.1, 10)
    assert type(made) is kind
    assert float(made.learning_rate) == pytest.approx(0.1)


def test_adam_does_not_decay_and_sgd_has_momentum():
    assert optimizer(Recipe(optimizer="adam", weight_decay=0.5), 0.1, 10).weight_decay is None
    assert optimizer(Recipe(optimizer="sgd"), 0.1, 10).momentum == 0.9


@pytest.mark.parametrize("name", ["adamw", "lion", "sgd"])
def test_weight_decay_pulls_at_kernels_and_not_at_biases_and_norms(name):
    images = keras.Input((4, 4, 2))
    x = keras.layers.DepthwiseConv2D(3, name="depthwise")(images)
    x = keras.layers.LayerNormalization()(keras.layers.BatchNormalization()(x))
    model = keras.Model(images, keras.layers.Dense(2)(x))
    variables = model.trainable_variables
    for variable in variables:
        variable.assign(np.ones(variable.shape))
    made = optimizer(Recipe(optimizer=name, weight_decay=0.5, schedule="constant"), 0.1, 10)
    made.apply([np.zeros(variable.shape, np.float32) for variable in variables], variables)
    decayed = {variable.name for variable in variables if float(np.max(variable.numpy())) < 1}
    assert decayed == {"kernel"}


def test_no_decay_at_all_is_possible():
    optimizer(Recipe(weight_decay=0.0), 0.1, 10).build([keras.Variable(np.ones(2))])
