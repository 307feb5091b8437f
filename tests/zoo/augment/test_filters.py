"""Filters, against Pillow, SciPy and hand-worked cases."""

import numpy as np
import pytest
from PIL import Image, ImageEnhance
from scipy import ndimage

from zoo.augment import filters

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
