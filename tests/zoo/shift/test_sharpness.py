"""Blurs, blocks and JPEG against SciPy, formulas and cases worked by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.ndimage import convolve

from zoo.shift.sharpness import compress, defocus, disc, line, move, pixelate

RANDOM = np.random.default_rng(0)
NOISE = RANDOM.integers(0, 256, (40, 56, 3), dtype=np.uint8)


def _moments(kernel):
    """Mean (x, y) from the middle, and covariance."""
    height, width = kernel.shape
    places = np.stack(np.meshgrid(np.arange(width) - width // 2, np.arange(height) - height // 2)).reshape(2, -1)
    return places @ kernel.ravel(), np.cov(places, aweights=kernel.ravel(), ddof=0)


@pytest.mark.parametrize("radius", [3.0, 5.5, 8.0])
def test_a_disc_spreads_evenly_to_its_radius(radius):
    kernel = disc(radius)
    middle, spread = _moments(kernel)
    assert kernel.sum() == pytest.approx(1)
    np.testing.assert_allclose(middle, 0, atol=1e-6)
    np.testing.assert_allclose(np.trace(spread), radius**2 / 2, rtol=0.06)  # of an even disc
    np.testing.assert_array_equal(kernel, kernel.T)


@given(st.floats(0.05, 30), st.floats(0.05, 30), st.floats(-np.pi / 4, np.pi / 4))
def test_a_line_keeps_the_picture_in_its_place(length, fading, angle):
    kernel = line(length, fading, angle)
    middle, _ = _moments(kernel)
    assert kernel.shape[0] % 2 == kernel.shape[1] % 2 == 1
    assert kernel.sum() == pytest.approx(1, abs=1e-5)
    assert kernel.min() >= 0
    np.testing.assert_allclose(middle, 0, atol=1e-4)


def test_a_line_lies_at_its_angle_and_fades_as_half_a_gaussian():
    _, spread = _moments(line(60, 10, 0.5))
    values, axes = np.linalg.eigh(spread)
    assert abs(axes[1, 1] / axes[0, 1]) == pytest.approx(np.tan(0.5), rel=0.01)
    assert values[1] == pytest.approx(100 * (1 - 2 / np.pi), rel=0.02)
    assert values[0] < 0.5


def test_no_radius_and_no_length_is_no_blur():
    assert disc(0.1).max() == 1
    np.testing.assert_array_equal(move(NOISE, (0, 1e-3), RANDOM), NOISE)


def test_defocus_is_a_convolution_with_a_disc_of_a_share_of_the_shorter_side():
    expected = convolve(NOISE.astype(float), disc(0.1 * 40)[..., None], mode="mirror")
    np.testing.assert_allclose(defocus(NOISE, 0.1, RANDOM), expected, atol=1)


def test_pixelate_averages_over_blocks():
    picture = np.array([[0, 10, 100, 100], [20, 30, 100, 100]], np.uint8)[..., None].repeat(3, axis=-1)
    expected = np.array([[15, 15, 100, 100], [15, 15, 100, 100]])
    np.testing.assert_array_equal(pixelate(picture, 0.5, RANDOM)[..., 0], expected)


def test_jpeg_keeps_colours_and_loses_detail():
    red = np.full((16, 24, 3), (200, 30, 60), np.uint8)
    np.testing.assert_allclose(compress(red, 50, RANDOM), red, atol=6)
    losses = [np.abs(compress(NOISE, quality, RANDOM).astype(int) - NOISE).mean() for quality in (95, 50, 5)]
    assert losses == sorted(losses)
