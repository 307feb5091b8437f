"""Maps of one network of each family: it is cut somewhere, and the halves are the whole."""

import keras
import numpy as np
import pytest

import zoo
from zoo.explanation.activation_maps import LEAST_SIDES, METHODS, activation_maps
from zoo.explanation.ensemble_maps import one_hot
from zoo.explanation.feature_map import cut_at

pytestmark = [pytest.mark.fits, pytest.mark.slow]

SIDE = 96
FAMILIES = {zoo.spec(name).family: name for name in reversed(zoo.names()) if zoo.spec(name).min_size <= SIDE}


@pytest.mark.parametrize("family", FAMILIES)
def test_it_has_maps_of_its_own_pixels(family):
    name = min(
        (name for name in zoo.names() if zoo.spec(name).family == family), key=lambda one: zoo.spec(one).parameters
    )
    model = zoo.build(name, classes=3, image_size=SIDE, weights=None, high_pass=True).model
    images = np.random.default_rng(0).integers(0, 256, (2, SIDE, SIDE, 3)).astype(np.uint8)
    patches = -(-SIDE // zoo.spec(name).multiple)  # a transformer has no map that is finer than its patches
    for method in METHODS:
        cut = cut_at(model, LEAST_SIDES[method])
        assert min(cut.sides) >= min(LEAST_SIDES[method], patches)
        features = cut.features(keras.ops.convert_to_tensor(images))
        assert cut.as_map(np.asarray(features)).shape[1:3] == cut.sides
        np.testing.assert_allclose(np.asarray(cut.logits(features)), np.asarray(model(images)), rtol=1e-3, atol=1e-5)
        maps = activation_maps(model, images, one_hot(np.array([0, 1]), 3), method=method)
        assert maps.shape == (2, SIDE, SIDE)
        assert np.isfinite(maps).all()
