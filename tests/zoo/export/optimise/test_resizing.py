"""zoo/export/optimise/resizing.py: products with constant matrices resize as Keras' layer does."""

import keras
import numpy as np
import pytest

from zoo.export.optimise.stripping import lean


@pytest.mark.parametrize("interpolation", ["bilinear", "bicubic"])
@pytest.mark.parametrize(("size", "wanted"), [((20, 30), (8, 8)), ((9, 40), (16, 12)), ((24, 24), (24, 7))])
def test_it_resizes_as_the_layer(size, wanted, interpolation):
    images = keras.Input((*size, 3), dtype="uint8")
    resizing = keras.layers.Resizing(*wanted, interpolation=interpolation, antialias=True, dtype="float32")
    model = keras.Model(images, resizing(keras.layers.Rescaling(1 / 255)(images), training=False))
    pictures = np.random.default_rng(0).integers(0, 256, (3, *size, 3), np.uint8)
    network = lean(model)
    assert not any(type(link.operation) is keras.layers.Resizing for chain in network.chains for link in chain.links)
    np.testing.assert_allclose(network(pictures), model(pictures), atol=1e-5)


def test_a_resizing_without_smoothing_stays():
    images = keras.Input((8, 8, 3))
    model = keras.Model(images, keras.layers.Resizing(16, 16)(images))
    (link,) = [link for chain in lean(model).chains for link in chain.links]
    assert type(link.operation) is keras.layers.Resizing
