"""What tests of the zoo share: a register to write in, and a network that trains in a second."""

import keras
import numpy as np
import pytest
from PIL import Image

from zoo.data import as_images
from zoo.models import registry
from zoo.training.recipe import Recipe


@pytest.fixture
def own_register(monkeypatch):
    """A register whose changes end with the test."""
    monkeypatch.setattr(registry, "_SPECS", dict(registry._SPECS))


@pytest.fixture
def tiny(own_register):
    """The name of a registered backbone of two convolutions with batch norm, which can have weights from a file."""

    @registry.register(pixels="tf", min_size=8, parameters=1_432, imagenet="file")
    def tiny(input_shape, weights=None):
        images = keras.Input(input_shape)
        x = images
        for number, filters in enumerate((8, 16), start=1):
            x = keras.layers.Conv2D(filters, 3, strides=2, use_bias=False, name=f"conv_{number}")(x)
            x = keras.layers.BatchNormalization(name=f"norm_{number}")(x)
            x = keras.layers.ReLU(name=f"relu_{number}")(x)
        return keras.Model(images, x)

    return "tiny"


@pytest.fixture
def tiny_file(tiny, tmp_path):
    """A file with weights of ``tiny``."""
    keras.utils.set_random_seed(5)
    path = tmp_path / "tiny.weights.h5"
    registry.spec(tiny).builder((16, 16, 3)).save_weights(path)
    return path


@pytest.fixture
def quick():
    """A recipe of two short phases."""
    return Recipe(head_epochs=1, epochs=1, learning_rate=1e-3, batch_size=32)


@pytest.fixture
def flat(own_register):
    """The name of a registered backbone that only lays pixels side by side: a network of one layer, trained at once."""

    @registry.register(pixels="tf", min_size=4, parameters=0)
    def flat(input_shape, weights=None):
        images = keras.Input(input_shape)
        return keras.Model(images, keras.layers.Flatten(name="flatten")(images))

    return "flat"


@pytest.fixture
def noise():
    """48 pictures of 8x8 noise, labelled at random in three classes: what they say can only be remembered."""
    random = np.random.default_rng(1)
    return as_images(random.integers(0, 256, (48, 8, 8, 3)).astype(np.uint8), np.arange(48) % 3, ("a", "b", "c"))


@pytest.fixture
def pixels():
    """40 pictures of noise, each brighter than the last."""
    noise = np.random.default_rng(0).integers(0, 60, (40, 16, 16, 3))
    return (noise + np.arange(40)[:, None, None, None]).astype(np.uint8)


@pytest.fixture
def folder(pixels, tmp_path):
    """The pictures as files, 0.png to 39.png, in two folders of which one is in another."""
    root = tmp_path / "images"
    (root / "a" / "deep").mkdir(parents=True)
    for row, picture in enumerate(pixels):
        Image.fromarray(picture).save(root / ("a" if row < 20 else "a/deep") / f"{row}.png")
    return root
