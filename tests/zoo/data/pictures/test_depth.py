"""More than 8 bits: what becomes 0 and 255, and what of a set of training images that is chosen from."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoo.data.pictures.depth import choose_range, picture_to_bytes, to_bytes

CELLS = np.random.default_rng(0).integers(0, 256, (4, 16, 16, 3)).astype(np.uint8)


@given(st.sampled_from([np.uint16, np.int32, np.float32, np.float64]), st.integers(1, 257))
def test_bytes_times_any_factor_are_the_same_bytes(dtype, factor):
    values = CELLS.astype(dtype) * dtype(factor)
    np.testing.assert_array_equal(to_bytes(values, (0, 255 * factor)), CELLS)


def test_what_is_outside_is_black_or_white_and_nan_black():
    values = np.array([-5, 0, 50, 100, 105, np.nan, np.inf])
    assert to_bytes(values, (0, 100)).tolist() == [0, 0, 128, 255, 255, 0, 255]
    assert to_bytes(values[:3], (0, 100), inverted=True).tolist() == [255, 255, 127]


def test_alpha_has_its_own_range():
    picture = np.array([[[100, 200, 65535], [100, 200, 0]]], np.uint16)[..., [0, 1, 1, 2]]
    assert picture_to_bytes(picture, (100, 200)).tolist() == [[[0, 255, 255, 255], [0, 255, 255, 0]]]


@pytest.mark.parametrize("bits", [10, 12, 14, 16])
def test_values_that_fill_their_bits_have_the_full_range(bits):
    values = CELLS.astype(np.uint16) * ((2**bits - 1) // 255)
    limits, why = choose_range([values.reshape(-1)])
    assert limits == (0, 2**bits - 1)
    assert "full range" in why


@pytest.mark.parametrize("values", [np.arange(300, 1700), np.arange(40000, 65536), np.linspace(-1000, 3000, 999)])
def test_others_have_percentiles(values):
    (low, high), why = choose_range([values])
    np.testing.assert_allclose([low, high], np.percentile(values, [0.1, 99.9]))
    assert "99.9" in why


@pytest.mark.parametrize(("value", "limits"), [(30000, (0, 65535)), (0.5, (0, 1)), (-3.0, (-4, -2))])
def test_a_single_value_is_neither_black_nor_white(value, limits):
    assert choose_range([np.full(9, value)])[0] == limits


def test_nothing_finite_is_refused():
    with pytest.raises(ValueError, match="depth_range"):
        choose_range([])
