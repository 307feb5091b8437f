"""Filters, against Pillow, SciPy and hand-worked cases; stain, against Beer and Lambert's law."""

import numpy as np
import pytest
from PIL import Image, ImageEnhance
from scipy import ndimage

from zoo.augment import filters
from zoo.augment.filters import DYES, restain

PICTURE = np.random.default_rng(0).integers(5, 250, (16, 16, 3)).astype(np.uint8)
SAME, NONE = np.ones(3), np.zeros(3)
ANY = {
    "color": lambda picture: filters.color(picture, 0.3),
    "sharpness": lambda picture: filters.sharpness(picture, 2.5),
    "gaussian_blur": lambda picture: filters.gaussian_blur(picture, 1.5),
    "noise": lambda picture: filters.noise(picture, 12, np.zeros_like(picture)),
}


def _difference(ours, image):
    return np.abs(ours.astype(int) - np.asarray(image)).max()


@pytest.mark.parametrize("factor", [0.0, 0.1, 0.55, 1.0, 1.45, 1.9, 3.0])
@pytest.mark.parametrize("name", ["color", "sharpness"])
def test_color_and_sharpness_are_pillows(name, factor, cell, static):
    enhance = {"color": ImageEnhance.Color, "sharpness": ImageEnhance.Sharpness}[name]
    for picture in (cell, static):
        image = enhance(Image.fromarray(picture)).enhance(factor)
        assert _difference(getattr(filters, name)(picture, factor), image) <= 2


@pytest.mark.parametrize("sigma", [0.5, 1.3, 3.0])
def test_gaussian_blur_is_scipys(sigma, static):
    expected = ndimage.gaussian_filter(static.astype(float), (sigma, sigma, 0), mode="mirror", truncate=5)
    assert _difference(filters.gaussian_blur(static, sigma), expected) <= 3


def test_noise_has_its_deviation_and_no_mean():
    grey = np.full((64, 64, 3), 128, np.uint8)
    grain = np.random.default_rng(0).integers(0, 256, grey.shape, dtype=np.uint8)
    added = filters.noise(grey, 15, grain).astype(float) - 128
    assert added.std() == pytest.approx(15, rel=0.03)
    assert added.mean() == pytest.approx(0, abs=0.3)


def test_noise_ends_at_black_and_white():
    grain = np.array([0, 255, 0, 255], np.uint8).repeat(3).reshape(2, 2, 3)
    noisy = filters.noise(np.array([1, 1, 254, 254], np.uint8).repeat(3).reshape(2, 2, 3), 20, grain)[..., 0]
    assert noisy[0, 0] == 0
    assert noisy[1, 1] == 255
    assert 1 < noisy[0, 1] < 100
    assert 150 < noisy[1, 0] < 254


@pytest.mark.parametrize("name", ANY)
def test_any_size_goes_and_the_picture_stays(name, any_size_goes):
    any_size_goes(ANY[name])


def test_the_same_amounts_leave_the_picture():
    assert np.abs(restain(PICTURE, SAME, NONE).astype(int) - PICTURE).max() <= 1


def test_white_stays_white_whatever_the_amounts():
    white = np.full((4, 4, 3), 255, np.uint8)
    np.testing.assert_array_equal(restain(white, np.array([0.5, 2.0, 1.5]), NONE), white)


def test_twice_the_dye_lets_the_square_of_the_light_through():
    dye = np.exp(-0.6 * DYES[0])  # of haematoxylin alone
    pixel = np.full((1, 1, 3), 256 * dye - 1).round().astype(np.uint8)
    found = restain(pixel, np.array([2.0, 1.0, 1.0]), NONE)
    np.testing.assert_allclose(found[0, 0], 256 * dye**2 - 1, atol=2)


def test_more_dye_everywhere_tints_white_with_it():
    found = restain(np.full((1, 1, 3), 255, np.uint8), SAME, np.array([0.0, 0.2, 0.0]))
    np.testing.assert_allclose(found[0, 0], 256 * np.exp(-0.2 * DYES[1]) - 1, atol=1)


def test_amounts_are_those_of_a_plain_computation():
    amounts, more = np.array([0.7, 1.3, 0.9]), np.array([0.05, -0.02, 0.03])
    density = -np.log((PICTURE + 1.0) / 256)
    changed = ((density @ np.linalg.inv(DYES)) * amounts + more) @ DYES
    expected = np.clip(256 * np.exp(-changed) - 1, 0, 255)
    assert np.abs(restain(PICTURE, amounts, more) - expected).max() <= 1.01


@pytest.mark.parametrize("amounts", [(0.5, 0.5, 0.5), (1.5, 1.5, 1.5)])
def test_less_dye_is_brighter_and_more_is_darker(amounts):
    found = restain(PICTURE, np.array(amounts), NONE).astype(float)
    assert (found.mean() > PICTURE.mean()) == (amounts[0] < 1)
