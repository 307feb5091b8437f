"""Light and colour against Python's own colorsys and cases worked by hand."""

import colorsys

import numpy as np

from zoo.augment.corruptions import brighten, saturate, stretch

RANDOM = np.random.default_rng(0)
NOISE = RANDOM.integers(0, 256, (12, 9, 3), dtype=np.uint8)


def test_brightness_multiplies_and_cuts_off():
    picture = np.array([[[100, 50, 240]]], np.uint8)
    np.testing.assert_array_equal(brighten(picture, 1.25, RANDOM), [[[125, 62, 255]]])
    np.testing.assert_array_equal(brighten(picture, 0.5, RANDOM), [[[50, 25, 120]]])


def test_contrast_multiplies_the_distance_from_mean_grey():
    picture = np.repeat(np.array([[[80], [120]]], np.uint8), 3, axis=-1)
    np.testing.assert_array_equal(stretch(picture, 1.5, RANDOM)[..., 0], [[70, 130]])
    np.testing.assert_array_equal(stretch(picture, 0.5, RANDOM)[..., 0], [[90, 110]])


def test_saturation_turns_grey_towards_red():
    np.testing.assert_array_equal(saturate(np.full((1, 1, 3), 200, np.uint8), 0.2, RANDOM), [[[200, 160, 160]]])


def test_saturation_is_added_as_colorsys_sees_it():
    def saturated(pixel):
        hue, saturation, value = colorsys.rgb_to_hsv(*pixel / 255)
        return np.multiply(colorsys.hsv_to_rgb(hue, min(saturation + 0.2, 1), value), 255)

    expected = np.apply_along_axis(saturated, -1, NOISE.astype(float))
    np.testing.assert_allclose(saturate(NOISE, 0.2, RANDOM), expected, atol=1)
