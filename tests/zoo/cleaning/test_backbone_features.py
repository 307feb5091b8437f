"""A backbone's features: of every split, in order, for any size of image."""

from dataclasses import replace

import numpy as np
import pytest

from zoo.cleaning.checks import find
from zoo.cleaning.descriptors import BATCH, backbone_features
from zoo.data import Splits
from zoo.models import registry

pytestmark = pytest.mark.fits


def test_features_are_of_length_one_and_in_the_order_of_the_splits(tiny, tiny_file, blobs):
    splits = Splits(blobs.subset(np.arange(BATCH + 6)), blobs.subset(np.arange(90, 96)))
    found = backbone_features(splits, tiny, weights=str(tiny_file))
    alone = backbone_features(Splits(blobs.subset(np.arange(90, 96))), tiny, weights=str(tiny_file))
    assert found.shape == (BATCH + 12, 16)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, rtol=1e-5)
    np.testing.assert_allclose(found[-6:], alone, atol=1e-5)
    assert find(splits, checks=["outlier"], features=found).checks == ("outlier",)


def test_images_that_are_too_small_for_the_backbone_are_enlarged(tiny, tiny_file, blobs):
    registry.add(replace(registry.spec(tiny), min_size=40))
    small = Splits(blobs.subset(np.arange(6)))
    assert backbone_features(small, tiny, weights=str(tiny_file)).shape == (6, 16)


def test_an_unknown_backbone_is_an_error(blobs):
    with pytest.raises(ValueError, match="vgg17"):
        backbone_features(Splits(blobs), "vgg17")
