"""Uneven light: a smooth field of factors."""

import numpy as np
import pytest

from zoo.augment.light import lit

GREY = np.full((32, 48, 3), 100, np.uint8)


@pytest.mark.parametrize("shape", [(2, 2), (3, 3, 3)])
def test_an_even_field_multiplies_every_pixel(shape):
    np.testing.assert_array_equal(lit(GREY, np.full(shape, 1.5, np.float32)), np.full_like(GREY, 150))


def test_a_field_that_falls_darkens_one_side_smoothly():
    found = lit(GREY, np.array([[1.0, 0.5], [1.0, 0.5]], np.float32)).astype(int)
    assert found[0, 0, 0] == pytest.approx(100, abs=6)
    assert found[0, -1, 0] == pytest.approx(50, abs=6)
    assert np.abs(np.diff(found, axis=1)).max() <= 4


def test_a_field_a_colour_tints():
    field = np.ones((2, 2, 3), np.float32)
    field[..., 2] = 0.5
    np.testing.assert_array_equal(lit(GREY, field)[5, 5], [100, 100, 50])


def test_light_ends_at_white():
    assert lit(np.full_like(GREY, 200), np.full((2, 2), 2.0, np.float32)).min() == 255
