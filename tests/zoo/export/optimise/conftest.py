"""Networks with weights that tell."""

import keras
import numpy as np
import pytest


@pytest.fixture
def images():
    return np.random.default_rng(0).normal(size=(3, 12, 12, 4)).astype(np.float32)


@pytest.fixture
def network():
    """Builds a network of layers in a row, its weights drawn at random and its variances positive."""

    def build(*layers):
        given = keras.Input((12, 12, 4))
        x = given
        for layer in layers:
            x = layer(x)
        model = keras.Model(given, x)
        random = np.random.default_rng(1)
        for weight in model.weights:
            low = 0.5 if "variance" in weight.path else -1.0
            weight.assign(random.uniform(low, 1.5, weight.shape))
        return model

    return build


@pytest.fixture
def same():
    """Holds that a network answers like a model."""

    def check(model, network, images):
        expected = np.asarray(model(images))
        np.testing.assert_allclose(np.asarray(network(images)), expected, rtol=0, atol=2e-6 * np.abs(expected).max())

    return check


@pytest.fixture
def kinds():
    """The names of the operations' classes in a network."""
    return lambda network: [type(operation).__name__ for operation in network.operations]
