"""zoo/models/cloning.py."""

import keras
import numpy as np
import pytest

from zoo import spec
from zoo.models.cloning import copy_weights


def _normalized(nested):
    images = keras.Input((4, 4, 3))
    norm = keras.layers.Normalization()
    return keras.Model(images, keras.Sequential([norm])(images) if nested else norm(images))


@pytest.mark.parametrize("nested", [False, True])
def test_copied_weights_take_effect_in_normalization_layers(nested):
    source, target = _normalized(nested), _normalized(nested)
    norm = source.layers[-1].layers[-1] if nested else source.layers[-1]
    norm.adapt(np.random.default_rng(0).normal(5, 3, (50, 4, 4, 3)).astype(np.float32))
    copy_weights(source, target)
    images = np.full((1, 4, 4, 3), 7, np.float32)
    np.testing.assert_array_equal(np.asarray(target(images)), np.asarray(source(images)))


def test_weights_of_another_network_are_not_copied():
    with pytest.raises(ValueError, match="expecting 32 weights"):
        copy_weights(spec("vgg16").builder((32, 32, 3)), spec("vgg19").builder((32, 32, 3)))
