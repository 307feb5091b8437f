"""What tests of the zoo share: a register to write in, networks that train in a second, and one trained ensemble."""

from contextlib import nullcontext

import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from zoo import Ensemble
from zoo.data import as_images, split
from zoo.models import registry
from zoo.models.plan import Plan
from zoo.training.recipe import Recipe


@pytest.fixture
def own_register(monkeypatch):
    """A register whose changes end with the test."""
    monkeypatch.setattr(registry, "_SPECS", dict(registry._SPECS))


@pytest.fixture(scope="module")
def modules_register():
    """A register whose changes end with the module of tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(registry, "_SPECS", dict(registry._SPECS))
        yield


@pytest.fixture(scope="module")
def tiny(modules_register):
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


@pytest.fixture(scope="module")
def flat(modules_register):
    """The name of a registered backbone that only lays pixels side by side: a network of one layer, trained at once."""

    @registry.register(pixels="tf", min_size=4, parameters=0)
    def flat(input_shape, weights=None):
        images = keras.Input(input_shape)
        return keras.Model(images, keras.layers.Flatten(name="flatten")(images))

    return "flat"


@pytest.fixture(scope="module")
def conv(modules_register):
    """The name of a registered backbone of one convolution."""

    @registry.register(pixels="tf", min_size=4)
    def conv(input_shape, weights=None):
        images = keras.Input(input_shape)
        return keras.Model(images, keras.layers.Conv2D(4, 3, strides=2, activation="relu", name="conv_1")(images))

    return "conv"


@pytest.fixture
def eagerly():
    """Run steps without compiling them, which takes longer than tiny networks take."""
    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)


@pytest.fixture
def compiled(eagerly):
    """Run steps as users do, in a module whose other tests run them eagerly."""
    tf.config.run_functions_eagerly(False)


@pytest.fixture
def one_rule(monkeypatch):
    """Fit one rule alone, where no test asks for others: all of them take longer than the networks do."""
    monkeypatch.setattr("ensembles.RULES", ("soft",))


@pytest.fixture(scope="session")
def colours(blobs):
    """The blobs, divided for :func:`trained`."""
    return split(blobs, validation=0.25)


@pytest.fixture(scope="session")
def trained(colours, tmp_path_factory):
    """An ensemble of two members, trained once for all that only ask it; one of them enlarges and filters images."""
    members = ["simple_cnn", Plan(backbone="simple_cnn_regularized", name="filtered", high_pass=True, resize=24)]
    recipe = Recipe(head_epochs=3, epochs=0, batch_size=16, head_learning_rate=3e-3, validate="clean")
    store = tmp_path_factory.mktemp("trained")
    return Ensemble(members, recipe=recipe, store=store).fit(colours)


@pytest.fixture(scope="session")
def exported(trained, tmp_path_factory):
    """What :func:`trained` is written as."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("zoo.export.writing.fresh_process", _asked_here)
        return trained.export(tmp_path_factory.mktemp("exported") / "model")


@pytest.fixture
def checked_here(monkeypatch):
    """Let exports be checked in this process: a fresh one, as export/test_writing.py has, starts for seconds."""
    monkeypatch.setattr("zoo.export.writing.fresh_process", _asked_here)


@pytest.fixture(scope="session")
def asked_here():
    """What stands for a fresh process, for fixtures that export once for all."""
    return _asked_here


def _asked_here(script):
    def ask(path, images):
        import tensorflow as tf

        answers = tf.saved_model.load(str(path)).signatures["serving_default"](images=tf.constant(images))
        return {name: answer.numpy() for name, answer in answers.items()}

    return nullcontext(ask)


@pytest.fixture(scope="session")
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
