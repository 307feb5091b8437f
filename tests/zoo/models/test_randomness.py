"""The user's random generators go on as if nothing had happened."""

import random
from concurrent.futures import ThreadPoolExecutor

import keras
import numpy as np
import pytest
import tensorflow as tf

from zoo import Ensemble, Recipe, build
from zoo.models.randomness import seeded, users_randomness

ONCE = Recipe(head_epochs=1, epochs=0, validate="clean", augment="none")


def draws():
    """One draw of every global generator."""
    own = keras.layers.Dropout(0.5).seed_generator.state
    return [
        random.random(),
        np.random.rand(),
        np.random.standard_normal(),
        float(keras.random.uniform(())),
        float(tf.random.uniform(())),
        float(tf.random.normal(())),
        *np.array(own).tolist(),
    ]


def draw_elsewhere():
    keras.utils.set_random_seed(9)
    draws()


@pytest.mark.parametrize("warm", [0, 1])
@pytest.mark.parametrize("kept", [users_randomness, lambda: seeded(3)])
def test_draws_go_on(kept, warm):
    keras.utils.set_random_seed(5)
    expected = [draws() for _ in range(warm + 2)][warm:]
    keras.utils.set_random_seed(5)
    for _ in range(warm):
        draws()
    with kept():
        draw_elsewhere()
    assert [draws() for _ in range(2)] == expected
    assert keras.src.utils.rng_utils.get_random_seed() == 5


def test_they_are_put_back_where_the_block_fails():
    keras.utils.set_random_seed(5)
    expected = draws()
    keras.utils.set_random_seed(5)
    with pytest.raises(KeyError), seeded(1):
        raise KeyError
    assert draws() == expected


def test_a_seed_gives_the_same_draws_whatever_came_before():
    with seeded(7):
        first = draws()
    draw_elsewhere()
    with seeded(7):
        assert draws() == first


def seeds_of_layers():
    return [keras.initializers.GlorotUniform().seed for _ in range(100)]


def test_seeds_of_layers_are_those_of_pythons_generator():
    keras.utils.set_random_seed(7)
    expected = seeds_of_layers()
    with seeded(7):
        assert seeds_of_layers() == expected


def test_draws_of_other_threads_change_no_layer():
    with seeded(7):
        expected = seeds_of_layers()
    with seeded(7), ThreadPoolExecutor(1) as pool:
        drawn = []
        for _ in range(100):
            pool.submit(random.random).result()
            drawn.append(keras.initializers.GlorotUniform().seed)
    assert drawn == expected


def test_each_thread_has_a_seed_of_its_own():
    with seeded(7):
        expected = seeds_of_layers()
    with seeded(7), ThreadPoolExecutor(1) as pool:
        first = keras.initializers.GlorotUniform().seed
        pool.submit(keras.initializers.GlorotUniform).result()
        assert [first, *seeds_of_layers()[:-1]] == expected


@pytest.mark.fits
def test_fit_and_build_leave_them_and_give_the_same_numbers(blobs, flat, one_rule, tmp_path):
    def fitted():
        ensemble = Ensemble([flat], recipe=ONCE).fit(blobs)
        member = build("simple_cnn_regularized", 3, image_size=16)
        return (
            ensemble.logits(blobs),
            member.model.get_weights()[0],
            Ensemble.load(ensemble.save(tmp_path)).logits(blobs),
        )

    keras.utils.set_random_seed(5)
    expected = [draws(), draws()]
    keras.utils.set_random_seed(5)
    before, numbers = draws(), fitted()
    assert [before, draws()] == expected
    keras.utils.set_random_seed(6)
    for own, other in zip(numbers, fitted(), strict=True):
        np.testing.assert_array_equal(own, other)
