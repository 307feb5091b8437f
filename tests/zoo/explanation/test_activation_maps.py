"""zoo/explanation/activation_maps.py, against maps that are worked out by hand and marks at known places."""

import keras
import numpy as np
import pytest
from keras import layers

from zoo.explanation.activation_maps import METHODS, activation_maps, has_feature_maps
from zoo.explanation.ensemble_maps import one_hot

pytestmark = pytest.mark.fits


def test_grad_cam_of_a_linear_head_is_its_weighted_sum(reddest, marked):
    images, labels, _ = marked
    found = activation_maps(reddest, images[:5], one_hot(labels[:5], 3), method="gradcam", least_side=24)
    excess = np.maximum(images[:5] / 255 @ (1.5 * np.eye(3) - 0.5), 0)
    own = np.take_along_axis(excess, labels[:5, None, None, None], axis=-1)[..., 0]
    np.testing.assert_allclose(found, 40 / 24**2 * own, rtol=1e-4, atol=1e-7)


def test_layer_cam_of_a_linear_head_with_positive_weights_is_the_same(reddest, marked):
    images, labels, _ = marked
    both = [activation_maps(reddest, images[:5], one_hot(labels[:5], 3), method=method) for method in METHODS]
    np.testing.assert_allclose(*both, rtol=1e-5)


@pytest.mark.parametrize("method", METHODS)
def test_they_lie_on_the_mark(reddest, marked, share, method):
    images, labels, places = marked
    assert share(activation_maps(reddest, images, one_hot(labels, 3), method=method), places) > 8


def test_a_class_that_nothing_speaks_for_has_an_empty_map(reddest):
    red = np.zeros((1, 24, 24, 3), np.uint8)
    red[..., 0] = 200
    maps = activation_maps(reddest, red, one_hot(np.array([2]), 3), method="layercam")
    assert maps.shape == (1, 24, 24)
    assert not maps.any()


def test_more_images_than_a_batch_are_mapped_as_alone(reddest, marked):
    images, labels, _ = marked
    maps = activation_maps(reddest, images[:40], one_hot(labels[:40], 3), method="layercam")
    alone = activation_maps(reddest, images[39:40], one_hot(labels[39:40], 3), method="layercam")
    np.testing.assert_allclose(maps[39], alone[0], rtol=1e-5)


def test_a_network_without_feature_maps_is_told_what_to_do(refused):
    images = keras.Input((8, 8, 3), dtype="uint8")
    flat = keras.Model(images, layers.Dense(2)(layers.Flatten()(layers.Rescaling(1 / 255, dtype="float32")(images))))
    assert not has_feature_maps(flat)
    with refused("feature map", "occlusion"):
        activation_maps(flat, np.zeros((1, 8, 8, 3), np.uint8), np.ones((1, 2)), method="gradcam")
