"""zoo/models/fingerprint.py, and the keys that rest on it."""

from dataclasses import replace

import keras
import numpy as np
import pytest

from zoo.data.images import Splits
from zoo.members.task import Task
from zoo.models.assembly import assemble
from zoo.models.fingerprint import network_digest
from zoo.models.plan import Plan
from zoo.training.recipe import Recipe

PLAN = Plan(backbone="simple_cnn", classes=3, image_size=16)


def member_key(plan, recipe, train, validation):
    return Task(plan, recipe, Splits(train, validation)).key()


def test_the_key_tells_everything_that_decides_the_weights(blobs):
    half = blobs.subset(np.arange(48))
    keys = [
        member_key(PLAN, Recipe(), blobs, half),
        member_key(replace(PLAN, seed=1), Recipe(), blobs, half),
        member_key(PLAN, Recipe(epochs=9), blobs, half),
        member_key(PLAN, Recipe(augment="flips"), blobs, half),
        member_key(PLAN, Recipe(graph_layers=({"layer": "RandomFlip"},)), blobs, half),
        member_key(PLAN, Recipe(), half, half),
        member_key(PLAN, Recipe(), blobs, blobs),
    ]
    assert len(set(keys)) == len(keys)
    assert keys[0] == member_key(replace(PLAN, name="another"), Recipe(), blobs, half)


@pytest.mark.parametrize("change", ["weights", "layers"])
def test_the_digest_tells_weights_and_layers_and_not_names(change):
    first, second = assemble(PLAN), assemble(replace(PLAN, name="another"))
    assert network_digest(first) == network_digest(second)
    second.trainable = False
    assert network_digest(first) == network_digest(second)
    other = assemble(replace(PLAN, seed=1) if change == "weights" else replace(PLAN, resize=32))
    assert network_digest(first) != network_digest(other)


def test_the_code_of_a_users_layer_counts():
    class Scale(keras.layers.Layer):
        def call(self, x):
            return 2 * x

    before = Scale

    class Scale(keras.layers.Layer):
        def call(self, x):
            return 3 * x

    images = keras.Input((4, 4, 3))
    digests = [network_digest(keras.Model(images, kind(name="scale")(images))) for kind in (before, before, Scale)]
    assert digests[0] == digests[1] != digests[2]


def test_the_code_of_a_users_activation_counts():
    def digest(factor):
        def scaled(x):
            return factor * x

        images = keras.Input((4, 4, 3))
        return network_digest(keras.Model(images, keras.layers.Activation(scaled)(images)))

    assert digest(2) == digest(2) != digest(3)
