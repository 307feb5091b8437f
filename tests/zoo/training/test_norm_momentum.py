"""zoo/training/norm_momentum.py: after a few steps the moving statistics are those of the images."""

import keras
import numpy as np
import pytest

from zoo import Recipe, build, register
from zoo.training.norm_momentum import quick_norms


def network(momentum=0.999, trainable=True):
    norm = keras.layers.BatchNormalization(momentum=momentum, name="norm", trainable=trainable)
    return keras.Sequential([keras.Input((4,)), norm, keras.layers.Dense(2)])


@pytest.mark.parametrize(("steps", "expected"), [(1, 0.8), (10, 0.8), (40, 0.9), (400, 0.99), (100_000, 0.999)])
def test_an_average_is_over_a_quarter_of_an_epoch_or_five_batches_or_as_before(steps, expected):
    model = network()
    norm = model.get_layer("norm")
    with quick_norms(model, steps):
        assert norm.momentum == pytest.approx(expected)
    assert norm.momentum == 0.999


def test_norms_that_follow_faster_or_are_frozen_stay_as_they_are():
    for model in (network(momentum=0.5), network(trainable=False)):
        before = model.get_layer("norm").momentum
        with quick_norms(model, 10):
            assert model.get_layer("norm").momentum == before


def test_an_error_puts_the_momentum_back():
    model = network()
    with pytest.raises(KeyboardInterrupt), quick_norms(model, 10):
        raise KeyboardInterrupt
    assert model.get_layer("norm").momentum == 0.999


@pytest.mark.fits
def test_a_training_leaves_statistics_of_its_images_and_the_momentum_of_the_network(blobs, own_register):
    """At a momentum of 0.999 the variances would still be about 1, with which they begin."""

    @register(pixels="tf", min_size=8)
    def slow_norms(input_shape, weights=None):
        images = x = keras.Input(input_shape)
        for _ in range(3):
            x = keras.layers.Conv2D(8, 3, use_bias=False)(x)
            x = keras.layers.ReLU()(keras.layers.BatchNormalization(momentum=0.999)(x))
        return keras.Model(images, x)

    member = build("slow_norms", 3, image_size=16, weights=None)
    recipe = Recipe(head_epochs=0, epochs=4, batch_size=8, augment="none", learning_rate=1e-2, patience=None)
    member.fit(blobs, blobs, recipe)
    assert (member.predict(blobs) == blobs.labels).mean() > 0.95
    norms = [one for one in member.model._flatten_layers() if isinstance(one, keras.layers.BatchNormalization)]
    assert {norm.momentum for norm in norms} == {0.999}
    assert not np.allclose(norms[-1].moving_variance, 1, atol=0.1)
