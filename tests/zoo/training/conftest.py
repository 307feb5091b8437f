"""What tests of training share: a tiny network that trains, and a callback that kills."""

import keras
import numpy as np
import pytest

from zoo import Head
from zoo.models.assembly import assemble
from zoo.models.plan import Plan
from zoo.training import train


class Kill(keras.callbacks.Callback):
    """Die in the middle of an epoch, counted over all phases; the real SIGKILL is tried in the benchmark."""

    watches = True

    class Error(Exception):
        """What it dies of."""

    def __init__(self, epochs):
        super().__init__()
        self.left = epochs

    def on_epoch_begin(self, epoch, logs=None):
        self.left -= 1

    def on_train_batch_end(self, batch, logs=None):
        if self.left < 0:
            raise self.Error


@pytest.fixture
def kill():
    """A callback that dies in the epoch with the given number, of ``kill.Error``."""
    return Kill


@pytest.fixture
def tiny_network(tiny):
    """Make a network of three classes."""

    def make(precision="float32"):
        plan = Plan(backbone=tiny, classes=3, image_size=16, weights=None, head=Head(units=4, dropout=0.3))
        return assemble(plan, precision)

    return make


@pytest.fixture(scope="session")
def few(blobs):
    """48 of the blobs: three steps an epoch."""
    return blobs.subset(np.arange(48))


@pytest.fixture
def train_tiny(tiny_network, few):
    """Train such a network on a few blobs; returns it and what its training was."""

    def run(recipe, place=None, callbacks=(), precision="float32", builder=""):
        network = tiny_network(precision)
        options = {"place": place, "callbacks": callbacks, "builder": builder}
        return network, train(network, few, few, recipe, pretrained=True, seed=3, **options)

    return run
