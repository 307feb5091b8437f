"""Layers in the training graph: at work in training only, seeded, and no part of what is kept."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from zoo.augment.graph_layers import LAYERS
from zoo.data.batches import LabelledBatches
from zoo.training.graph_augmentation import GraphLayers, Reseed, training_model

pytestmark = pytest.mark.fits

QUICK = ("RandomBrightness", "RandomContrast", "RandomCutout", "RandomFlip", "RandomHue")  # seconds a layer
SPECS = [{"layer": "RandomHue", "factor": [0, 0.5]}, {"layer": "RandomFlip"}]
ARGUMENTS = {
    "factor": 0.5,
    "height_factor": 0.3,
    "width_factor": 0.3,
    "x_factor": 0.3,
    "y_factor": 0.3,
    "threshold_factor": 200,
    "kernel_size": 5,
    "crop_area_factor": [0.5, 0.9],
    "aspect_ratio_factor": [0.8, 1.2],
    "hue_factor": 0.2,
    "brightness_factor": 0.2,
    "contrast_factor": 0.2,
    "saturation_factor": 0.2,
}


def _network():
    keras.utils.set_random_seed(3)
    images = keras.Input((16, 16, 3), dtype="uint8")
    x = keras.layers.Rescaling(1 / 255)(images)
    x = keras.layers.Conv2D(4, 3)(x)
    x = keras.layers.GlobalAveragePooling2D()(x)
    return keras.Model(images, keras.layers.Dense(3)(x), name="net")


def _fitted(blobs, seed, first=0, last=2, start=None):
    network = _network()
    if start is not None:
        network.set_weights(start)
    model = training_model(network, SPECS, seed=seed)
    model.compile(keras.optimizers.SGD(0.1), keras.losses.CategoricalCrossentropy(from_logits=True))
    model.fit(
        LabelledBatches(blobs, blobs, 32),
        initial_epoch=first,
        epochs=last,
        shuffle=False,
        verbose=0,
        callbacks=[Reseed()],
    )
    return network


def _same_image(blobs, count=12):
    return np.repeat(blobs.pixels[:1], count, axis=0)


@pytest.mark.parametrize(
    "name", [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in LAYERS]
)
def test_every_layer_draws_for_each_image_and_from_seed_and_epoch_alone(name, blobs):
    spec = {"layer": name} | {
        key: value for key, value in ARGUMENTS.items() if key in LAYERS[name].required + LAYERS[name].optional
    }
    layer, images = GraphLayers([spec], (16, 16), seed=5), _same_image(blobs)
    run = tf.function(lambda images: layer(images, training=True))
    first, second = run(images).numpy(), run(images).numpy()
    assert (first.shape, first.dtype) == (images.shape, np.uint8)
    assert len(np.unique(first, axis=0)) > 1
    assert (first != second).any()
    layer.reseed(1)
    assert (run(images).numpy() != first).any()
    layer.reseed(0)
    np.testing.assert_array_equal(run(images), first)
    np.testing.assert_array_equal(run(images), second)


def test_answers_are_the_bare_networks(blobs):
    network = _network()
    model = training_model(network, SPECS, seed=0)
    expected = network.predict(blobs.pixels, verbose=0)
    np.testing.assert_allclose(model.predict(blobs.pixels, verbose=0), expected, atol=1e-6)
    np.testing.assert_allclose(model(blobs.pixels, training=False), expected, atol=1e-6)


def test_in_training_answers_differ_from_call_to_call_and_from_image_to_image(blobs):
    model, images = training_model(_network(), SPECS, seed=0), _same_image(blobs)
    first, second = (model(images, training=True).numpy() for _ in range(2))
    assert (first != second).any()
    assert len(np.unique(first, axis=0)) > 1


def test_fitting_changes_the_networks_own_weights_and_the_seed_decides_how(blobs):
    before, one = _network().get_weights(), _fitted(blobs, seed=1).get_weights()
    assert any((was != now).any() for was, now in zip(before, one, strict=True))
    for first, second in zip(one, _fitted(blobs, seed=1).get_weights(), strict=True):
        np.testing.assert_array_equal(first, second)
    assert any((a != b).any() for a, b in zip(one, _fitted(blobs, seed=2).get_weights(), strict=True))


def test_a_resumed_training_goes_on_as_if_it_had_never_stopped(blobs):
    whole = _fitted(blobs, seed=(1, 4)).get_weights()
    half = _fitted(blobs, seed=(1, 4), last=1).get_weights()
    resumed = _fitted(blobs, seed=(1, 4), first=1, start=half).get_weights()
    for first, second in zip(whole, resumed, strict=True):
        np.testing.assert_allclose(first, second, atol=1e-6)


def test_the_network_that_is_kept_has_none_of_the_layers(blobs, tmp_path):
    network = _fitted(blobs, seed=0)
    assert not any(isinstance(layer, GraphLayers) for layer in network.layers)
    network.save(tmp_path / "network.keras")
    network.export(tmp_path / "exported", verbose=False)
    loaded = keras.models.load_model(tmp_path / "network.keras", safe_mode=True)
    np.testing.assert_array_equal(loaded.predict(blobs.pixels, verbose=0), network.predict(blobs.pixels, verbose=0))
    assert "Hue" not in "".join(node.name for node in _nodes(tmp_path / "exported"))


def _nodes(folder):
    function = tf.saved_model.load(folder).signatures["serving_default"]
    return function.graph.as_graph_def().node


def test_without_layers_the_network_itself_is_trained():
    network = _network()
    assert training_model(network, [], seed=0) is network


def test_the_layers_add_no_weight():
    network = _network()
    model = training_model(network, SPECS, seed=0)
    assert [id(weight) for weight in model.weights] == [id(weight) for weight in network.weights]
    assert model.input_shape == network.input_shape


def test_tensorflows_global_random_state_stays_as_it_is(blobs):
    tf.random.set_seed(4)
    expected = tf.random.uniform([3]).numpy()
    tf.random.set_seed(4)
    training_model(_network(), SPECS, seed=0)(blobs.pixels, training=True)
    keras.utils.set_random_seed(4)
    np.testing.assert_array_equal(tf.random.uniform([3]).numpy(), expected)


def test_values_that_keras_cv_refuses_are_errors():
    with pytest.raises(ValueError, match=r"RandomHue.*3"):
        training_model(_network(), [{"layer": "RandomHue", "factor": [0, 3]}], seed=0)


def test_another_backend_is_an_error(monkeypatch):
    network = _network()
    monkeypatch.setattr("keras.backend.backend", lambda: "jax")
    with pytest.raises(ValueError, match=r"TensorFlow.*'jax'"):
        training_model(network, SPECS, seed=0)
