"""zoo/planning/rehearsal.py and guessing.py, on a network that trains at once."""

import logging
import random

import keras
import numpy as np
import pytest

from zoo import Ensemble
from zoo.data import split
from zoo.models.plan import Plan
from zoo.planning import guess, look_around, measure
from zoo.planning.guessing import operations
from zoo.training.recipe import Recipe

pytestmark = pytest.mark.fits


@pytest.fixture
def data(blobs):
    return split(blobs, validation=0.25)


def test_each_phase_is_measured_and_nothing_of_it_stays(tiny, tiny_file, data, caplog):
    plan = Plan(backbone=tiny, weights=tiny_file, classes=3, image_size=16)
    recipe = Recipe(head_epochs=5, epochs=7, stored_views=2, batch_size=16)
    state = random.getstate(), np.random.get_state()[1].tolist()
    with caplog.at_level(logging.INFO, logger="zoo"):
        speed = measure(plan, recipe, data, seconds=0.1)
    assert list(speed.phases) == ["head", "fine-tuning"]
    for phase in speed.phases.values():
        assert phase.train > 0
        assert phase.validate > 0
        assert phase.epoch >= 0
    assert speed.augment > 0
    assert speed.feature_count == 16
    assert speed.measured
    assert (random.getstate(), np.random.get_state()[1].tolist()) == state
    assert "epoch" not in caplog.text


def test_a_guess_needs_no_step(conv, data, tmp_path):
    plan = Plan(backbone=conv, classes=3, image_size=16)
    speed = guess(plan, Recipe(), data, look_around(tmp_path))
    assert not speed.measured
    assert list(speed.phases) == ["whole"]


def test_operations_are_those_of_convolutions_and_dense_layers():
    images = keras.Input((8, 8, 3))
    x = keras.layers.Conv2D(4, 3, padding="same")(images)
    x = keras.layers.DepthwiseConv2D(3, strides=2, padding="same")(x)
    network = keras.Model(images, keras.layers.Dense(5)(keras.layers.GlobalAveragePooling2D()(x)))
    assert operations(network) == 8 * 8 * 27 * 4 + 4 * 4 * 9 * 4 + 4 * 5


def test_a_plan_counts_what_the_store_has(flat, data, tmp_path, one_rule):
    recipe = Recipe(head_epochs=1, epochs=0, validate="clean", augment="none")
    ensemble = Ensemble([flat], recipe=recipe, store=tmp_path / "run")
    before = ensemble.plan(data, measure=False)
    assert not (tmp_path / "run").exists()
    ensemble.fit(data)
    after = ensemble.plan(data, measure=False)
    assert [one.members[0].stored for one in (before, after)] == [0, 1]
    assert after.stored
    assert after.total < before.total
