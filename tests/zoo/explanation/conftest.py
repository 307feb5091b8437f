"""Networks whose maps are known by hand, and images with a mark at a known place."""

import keras
import numpy as np
import pytest
from keras import layers

SIDE, MARK = 24, 6


@pytest.fixture(scope="session")
def marked():
    """90 noisy images of 24x24 with a square in one of three colours; and ``(90, 24, 24)``, where it lies."""
    random = np.random.default_rng(0)
    labels = np.arange(90) % 3
    images = random.integers(90, 130, (90, SIDE, SIDE, 3)).astype(np.uint8)
    places = np.zeros((90, SIDE, SIDE), bool)
    colours = np.array([[230, 60, 60], [60, 220, 60], [60, 60, 230]])
    for image, place, label in zip(images, places, labels, strict=True):
        top, left = random.integers(0, SIDE - MARK, 2)
        place[top : top + MARK, left : left + MARK] = True
        image[place] = colours[label] + random.integers(-20, 20, 3)
    return images, labels, places


@pytest.fixture(scope="session")
def reddest():
    """A network without training: its logits are the means of each colour's excess over the others, all in pixels."""
    images = keras.Input((SIDE, SIDE, 3), dtype="uint8", name="images")
    x = layers.Rescaling(1 / 255, dtype="float32")(images)
    kernel = (1.5 * np.eye(3) - 0.5)[None, None]
    x = layers.Conv2D(3, 1, use_bias=False, activation="relu", name="excess")(x)
    logits = layers.Dense(3, name="logits")(layers.GlobalAveragePooling2D()(x))
    model = keras.Model(images, logits, name="reddest")
    model.set_weights([kernel, 40 * np.eye(3), np.zeros(3)])
    return model


@pytest.fixture
def share():
    """The mean share of maps' mass that lies on the marks, against what an even map has there."""

    def compute(maps, places):
        mass = maps.sum(axis=(1, 2))
        assert (mass > 0).all()
        return float(((maps * places).sum(axis=(1, 2)) / mass).mean() / places.mean())

    return compute
