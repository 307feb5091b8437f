"""Frozen batch norms within the convolutions before them: the same outputs, gradients and weights."""

import keras
import numpy as np
import pytest

from zoo.training.frozen_norms import NormedConvolution, take_in_frozen_norms

pytestmark = pytest.mark.fits

IMAGES = np.random.default_rng(0).integers(0, 256, (8, 16, 16, 3)).astype(np.uint8)
TARGETS = np.eye(3, dtype="float32")[np.arange(8) % 3]


def network(*, frozen=True, bias=False, **norm):
    """A residual block of every kind of layer that can take in a norm, and of some that cannot."""
    keras.utils.set_random_seed(1)
    images = keras.Input((16, 16, 3), dtype="uint8")
    x = keras.layers.Rescaling(1 / 255)(images)
    x = keras.layers.Conv2D(8, 3, strides=2, padding="same", use_bias=bias, name="stem")(x)
    x = skip = keras.layers.ReLU(6.0)(keras.layers.BatchNormalization(name="n1", **norm)(x))
    x = keras.layers.DepthwiseConv2D(3, padding="same", use_bias=bias, depth_multiplier=2, name="deep")(x)
    x = keras.layers.BatchNormalization(name="n2", **norm)(x)
    x = keras.layers.Conv2D(8, 1, use_bias=bias, name="point")(x)
    x = keras.layers.BatchNormalization(name="n3", **norm)(x)
    x = keras.layers.Add()([x, skip])
    x = keras.layers.BatchNormalization(name="alone", **norm)(x)
    x = keras.layers.Conv2D(4, 3, activation="relu", name="not_linear")(x)
    x = keras.layers.BatchNormalization(name="after_relu", **norm)(x)
    logits = keras.layers.Dense(3)(keras.layers.Dropout(0.0)(keras.layers.GlobalAveragePooling2D()(x)))
    model = keras.Model(images, logits)
    random = np.random.default_rng(2)
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.set_weights([random.uniform(0.5, 1.5, weight.shape) for weight in layer.weights])
            layer.trainable = not frozen
    return model


def trained(model, steps=3):
    model.compile(optimizer=keras.optimizers.SGD(0.05), loss=keras.losses.CategoricalCrossentropy(from_logits=True))
    losses = [float(model.train_on_batch(IMAGES, TARGETS)) for _ in range(steps)]
    return losses, [np.asarray(weight) for weight in model.weights]


@pytest.mark.parametrize("options", [{}, {"bias": True}, {"scale": False}, {"center": False}])
def test_losses_and_weights_are_those_of_the_plain_model(options):
    plain, folded = network(**options), network(**options)
    take_in_frozen_norms(folded)
    np.testing.assert_allclose(folded(IMAGES), plain(IMAGES), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(folded(IMAGES, training=True), plain(IMAGES, training=True), rtol=1e-4, atol=1e-5)
    (expected, own), (losses, others) = trained(plain), trained(folded)
    np.testing.assert_allclose(losses, expected, rtol=1e-4)
    for one, other in zip(own, others, strict=True):
        np.testing.assert_allclose(other, one, rtol=1e-3, atol=1e-5)


def test_three_norms_are_taken_in_and_two_are_not(monkeypatch):
    made = []
    keep = NormedConvolution.__init__
    monkeypatch.setattr(
        NormedConvolution,
        "__init__",
        lambda own, conv, norm: made.append((conv.name, norm.name)) or keep(own, conv, norm),
    )
    take_in_frozen_norms(network())
    assert made == [("stem", "n1"), ("deep", "n2"), ("point", "n3")]


def test_norms_that_train_stay_as_they_are():
    plain, same = network(frozen=False), network(frozen=False)
    take_in_frozen_norms(same)
    (expected, own), (losses, others) = trained(plain), trained(same)
    assert losses == pytest.approx(expected, rel=1e-6)
    assert not np.allclose(own[4], network(frozen=False).weights[4])  # the statistics moved
    np.testing.assert_allclose(others[4], own[4], rtol=1e-5)


def test_half_precision_stays_as_it_is():
    keras.config.set_dtype_policy("mixed_float16")
    try:
        plain, same = network(), network()
    finally:
        keras.config.set_dtype_policy("float32")
    take_in_frozen_norms(same)
    np.testing.assert_array_equal(same(IMAGES), plain(IMAGES))


def test_dropout_still_drops_while_training():
    images = keras.Input((4, 4, 2))
    x = keras.layers.BatchNormalization()(keras.layers.Conv2D(3, 1)(images))
    model = keras.Model(images, keras.layers.Dropout(0.5)(x))
    model.layers[2].trainable = False
    take_in_frozen_norms(model)
    pixels = np.ones((1, 4, 4, 2), np.float32)
    assert (np.asarray(model(pixels, training=True)) == 0).any()
    assert (np.asarray(model(pixels)) != 0).all()


def test_the_model_is_saved_as_a_plain_one(tmp_path):
    model = network()
    take_in_frozen_norms(model)
    trained(model, steps=1)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert [layer.name for layer in loaded.layers] == [layer.name for layer in model.layers]
    np.testing.assert_allclose(loaded(IMAGES), model(IMAGES), rtol=1e-4, atol=1e-5)
