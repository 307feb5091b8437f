"""zoo/models/hub/positions.py, against OpenCV's cubic and Pillow's: PyTorch's without and with antialiasing."""

import cv2
import numpy as np
import pytest
from PIL import Image

from zoo.models.hub.positions import resized

SIZES = [((4, 4), (7, 9)), ((7, 9), (4, 4)), ((37, 37), (16, 16)), ((3, 5), (5, 3))]


@pytest.fixture
def table():
    def make(rows, columns):
        return np.random.default_rng(0).normal(size=(rows * columns, 3)).astype(np.float32)

    return make


@pytest.mark.parametrize(("source", "target"), SIZES)
def test_without_antialiasing_it_is_the_sharp_cubic(table, source, target):
    grid = table(*source)
    expected = cv2.resize(grid.reshape(*source, 3), target[::-1], interpolation=cv2.INTER_CUBIC)
    np.testing.assert_allclose(resized(grid, source, target).reshape(*target, 3), expected, atol=1e-5)


@pytest.mark.parametrize(("source", "target"), SIZES)
def test_with_antialiasing_it_is_pillows(table, source, target):
    grid = table(*source)
    channels = [Image.fromarray(grid.reshape(*source, 3)[..., channel]) for channel in range(3)]
    expected = np.stack([np.asarray(one.resize(target[::-1], Image.Resampling.BICUBIC)) for one in channels], axis=-1)
    found = resized(grid, source, target, antialias=True).reshape(*target, 3)
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_of_the_same_size_it_stays_as_it_is(table):
    grid = table(4, 6)
    assert resized(grid, (4, 6), (4, 6)) is grid
