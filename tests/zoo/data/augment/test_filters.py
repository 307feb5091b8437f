"""Filters, against Pillow, SciPy and hand-worked cases."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageEnhance
from scipy import ndimage

from zoo.data.augment import filters

WHITE_SPOT = np.zeros((21, 21, 3), np.uint8)
WHITE_SPOT[10, 10] = 255

ANY = {
    "color": lambda picture: filters.color(picture, 0.3),
    "sharpness": lambda picture: filters.sharpness(picture, 2.5),
    "gaussian_blur": lambda picture: filters.gaussian_blur(picture, 1.5),
    "defocus": lambda picture: filters.defocus(picture, 2.4),
    "motion_blur": lambda picture: filters.motion_blur(picture, 7.5, 30),
    "noise": lambda picture: filters.noise(picture, 12, np.zeros_like(picture)),
    "jpeg": lambda picture: filters.jpeg(picture, 20),
    "pixelate": lambda picture: filters.pixelate(picture, 0.3, smooth=False),
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


@pytest.mark.parametrize("radius", [0.8, 2.0, 4.5])
def test_defocus_makes_a_disc_of_a_spot(radius):
    disc = filters.defocus(WHITE_SPOT, radius)[..., 0].astype(float)
    y, x = np.ogrid[-10:11, -10:11]
    assert (disc[np.hypot(y, x) > radius + 0.5] == 0).all()
    inside = disc[np.hypot(y, x) <= radius - 0.5]
    assert inside.min() == inside.max() > 0
    assert disc.sum() == pytest.approx(255, abs=0.5 * (disc > 0).sum())


@pytest.mark.parametrize(("degrees", "along"), [(0, np.s_[10, 7:14]), (90, np.s_[7:14, 10])])
def test_motion_makes_a_line_of_a_spot(degrees, along):
    line = filters.motion_blur(WHITE_SPOT, 7, degrees)[..., 0]
    expected = np.zeros_like(line)
    expected[along] = 36
    assert _difference(line, expected) <= 1


def test_a_slanted_motion_goes_along_the_diagonal():
    line = filters.motion_blur(WHITE_SPOT, 9, 45)[..., 0].astype(float)
    y, x = np.mgrid[-10:11, -10:11]
    assert (line * x * y).sum() > 0.9 * (line * x * x).sum() > 0


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


@pytest.mark.parametrize("quality", [10, 50, 90])
def test_jpeg_is_pillows(quality, cell):
    stream = io.BytesIO()
    Image.fromarray(cell).save(stream, format="JPEG", quality=quality)
    with Image.open(stream) as image:
        difference = np.abs(filters.jpeg(cell, quality).astype(int) - np.asarray(image))
    assert difference.mean() < 1


def test_pixelate_makes_even_squares_of_the_mean(static):
    picture = static[:, :40]
    squares = filters.pixelate(picture, 0.25, smooth=False)
    means = picture.reshape(10, 4, 10, 4, 3).mean(axis=(1, 3))
    np.testing.assert_allclose(squares, means.repeat(4, axis=0).repeat(4, axis=1), atol=1)
    smooth = filters.pixelate(picture, 0.25, smooth=True)
    assert len(np.unique(smooth)) > len(np.unique(squares))


@pytest.mark.parametrize("name", ANY)
@settings(deadline=None, max_examples=25)
@given(height=st.integers(1, 9), width=st.integers(1, 9), seed=st.integers(0, 2**32))
def test_any_size_goes_and_the_picture_stays(name, height, width, seed):
    picture = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    before = picture.copy()
    changed = ANY[name](picture)
    assert changed.shape == picture.shape
    assert changed.dtype == np.uint8
    np.testing.assert_array_equal(picture, before)
