"""Corruptions of detail: what their severities mean in pixels."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.ndimage import convolve

from zoo.augment import imaging
from zoo.augment.corruptions import CORRUPTIONS, compress, defocus, move, pixelate

RANDOM = np.random.default_rng(0)
NOISE = RANDOM.integers(0, 256, (40, 56, 3), dtype=np.uint8)


def test_defocus_is_a_convolution_with_a_disc_of_a_share_of_the_shorter_side():
    expected = convolve(NOISE.astype(float), imaging.disc(0.1 * 40)[..., None], mode="mirror")
    np.testing.assert_allclose(defocus(NOISE, 0.1, RANDOM), expected, atol=1)


@given(st.integers(8, 128))
def test_every_severity_of_defocus_takes_more_of_a_spot_at_any_size(side):
    spot = np.zeros((side, side, 3), np.uint8)
    spot[side // 2, side // 2] = 255
    left = [defocus(spot, radius, RANDOM)[side // 2, side // 2, 0] for radius in CORRUPTIONS["defocus_blur"].levels]
    assert np.all(np.diff([255, *map(int, left)]) < 0)


@pytest.mark.parametrize(("side", "radius"), [(28, 0.75), (75, 0.67), (96, 0.9), (224, 6.0)])
def test_a_radius_of_two_thirds_of_a_pixel_or_more_stays(side, radius):
    picture = np.resize(NOISE, (side, side, 3))
    np.testing.assert_array_equal(defocus(picture, radius / side, RANDOM), imaging.defocus(picture, radius))


def test_motion_goes_by_shares_of_the_shorter_side_up_to_45_degrees_from_level():
    expected = imaging.streak(NOISE, 8.0, 4.0, np.random.default_rng(3).uniform(-np.pi / 4, np.pi / 4))
    np.testing.assert_array_equal(move(NOISE, (0.2, 0.1), np.random.default_rng(3)), expected)


def test_pixels_and_quality_are_the_pictures_own():
    np.testing.assert_array_equal(pixelate(NOISE, 0.3, RANDOM), imaging.pixelate(NOISE, 0.3))
    np.testing.assert_array_equal(compress(NOISE, 30, RANDOM), imaging.jpeg(NOISE, 30))
