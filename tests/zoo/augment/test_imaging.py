"""Blurs, blocks and JPEG, against Pillow, SciPy, formulas and cases worked by hand."""

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from scipy.ndimage import convolve

from zoo.augment import imaging
from zoo.datasets.cells import draw_cell
from zoo.datasets.smears import CLASSES

STATIC = np.random.default_rng(0).integers(0, 256, (40, 48, 3), dtype=np.uint8)
SPOT = np.zeros((21, 21, 3), np.uint8)
SPOT[10, 10] = 255

ANY = {
    "defocus": lambda picture: imaging.defocus(picture, 2.4),
    "motion_blur": lambda picture: imaging.motion_blur(picture, 7.5, 0.5),
    "streak": lambda picture: imaging.streak(picture, 7.5, 3.0, 0.5),
    "jpeg": lambda picture: imaging.jpeg(picture, 20),
    "pixelate": lambda picture: imaging.pixelate(picture, 0.3),
    "resample": lambda picture: imaging.resample(picture, 0.3, smooth=False),
}


def _moments(kernel):
    """Mean (x, y) from the middle, and covariance."""
    height, width = kernel.shape
    places = np.stack(np.meshgrid(np.arange(width) - width // 2, np.arange(height) - height // 2)).reshape(2, -1)
    return places @ kernel.ravel(), np.cov(places, aweights=kernel.ravel(), ddof=0)


@pytest.mark.parametrize("radius", [0.8, 2.0, 4.5])
def test_defocus_makes_a_disc_of_a_spot(radius):
    disc = imaging.defocus(SPOT, radius)[..., 0].astype(float)
    y, x = np.ogrid[-10:11, -10:11]
    assert (disc[np.hypot(y, x) > radius + 0.5] == 0).all()
    inside = disc[np.hypot(y, x) <= radius - 0.5]
    assert inside.min() == inside.max() > 0
    assert disc.sum() == pytest.approx(255, abs=0.5 * (disc > 0).sum())


@pytest.mark.parametrize("radius", [3.0, 5.5, 8.0])
def test_a_disc_spreads_evenly_to_its_radius(radius):
    kernel = imaging.disc(radius)
    middle, spread = _moments(kernel)
    assert kernel.sum() == pytest.approx(1)
    np.testing.assert_allclose(middle, 0, atol=1e-6)
    np.testing.assert_allclose(np.trace(spread), radius**2 / 2, rtol=0.06)  # of an even disc
    np.testing.assert_array_equal(kernel, kernel.T)


def test_half_a_pixel_and_no_length_are_no_blur():
    for changed in (
        imaging.defocus(STATIC, 0.5),
        imaging.motion_blur(STATIC, 0, 0.3),
        imaging.streak(STATIC, 0, 1e-3, 0.3),
    ):
        np.testing.assert_array_equal(changed, STATIC)


@pytest.mark.parametrize("blur", [imaging.defocus, lambda picture, length: imaging.streak(picture, length, 2.0, 0.4)])
def test_a_blur_is_a_convolution_that_mirrors_the_edges(blur):
    spread = blur(SPOT, 4.0)[6:15, 6:15, 0].astype(float)
    expected = convolve(STATIC.astype(float), (spread / spread.sum())[..., None], mode="mirror")
    np.testing.assert_allclose(blur(STATIC, 4.0), expected, atol=6)


@pytest.mark.parametrize(("angle", "along"), [(0, np.s_[10, 7:14]), (np.pi / 2, np.s_[7:14, 10])])
def test_motion_makes_a_line_of_a_spot(angle, along):
    line = imaging.motion_blur(SPOT, 7, angle)[..., 0]
    expected = np.zeros_like(line)
    expected[along] = 36
    assert np.abs(line.astype(int) - expected).max() <= 1


def test_a_slanted_motion_goes_along_the_diagonal():
    line = imaging.motion_blur(SPOT, 9, np.pi / 4)[..., 0].astype(float)
    y, x = np.mgrid[-10:11, -10:11]
    assert (line * x * y).sum() > 0.9 * (line * x * x).sum() > 0


@given(st.floats(0.05, 30), st.floats(0.05, 30), st.floats(-np.pi / 4, np.pi / 4))
def test_a_fading_line_keeps_the_picture_in_its_place(length, fading, angle):
    kernel = imaging.fading_line(length, fading, angle)
    middle, _ = _moments(kernel)
    assert kernel.shape[0] % 2 == kernel.shape[1] % 2 == 1
    assert kernel.sum() == pytest.approx(1, abs=1e-5)
    assert kernel.min() >= 0
    np.testing.assert_allclose(middle, 0, atol=1e-4)


def test_a_fading_line_lies_at_its_angle_and_fades_as_half_a_gaussian():
    _, spread = _moments(imaging.fading_line(60, 10, 0.5))
    values, axes = np.linalg.eigh(spread)
    assert abs(axes[1, 1] / axes[0, 1]) == pytest.approx(np.tan(0.5), rel=0.01)
    assert values[1] == pytest.approx(100 * (1 - 2 / np.pi), rel=0.02)
    assert values[0] < 0.5


@pytest.mark.parametrize("quality", [10, 50, 90])
def test_jpeg_is_pillows(quality):
    cell = draw_cell(CLASSES[1], 64, np.random.default_rng(1))
    stream = io.BytesIO()
    Image.fromarray(cell).save(stream, format="JPEG", quality=quality)
    with Image.open(stream) as image:
        difference = np.abs(imaging.jpeg(cell, quality).astype(int) - np.asarray(image))
    assert difference.mean() < 1


def test_jpeg_keeps_colours_and_loses_detail():
    red = np.full((16, 24, 3), (200, 30, 60), np.uint8)
    np.testing.assert_allclose(imaging.jpeg(red, 50), red, atol=6)
    losses = [np.abs(imaging.jpeg(STATIC, quality).astype(int) - STATIC).mean() for quality in (95, 50, 5)]
    assert losses == sorted(losses)


@pytest.mark.parametrize("lowered", [imaging.pixelate, lambda *a: imaging.resample(*a, smooth=False)])
def test_blocks_have_the_mean_of_their_pixels(lowered):
    picture = STATIC[:, :40]
    means = picture.reshape(10, 4, 10, 4, 3).mean(axis=(1, 3))
    np.testing.assert_allclose(lowered(picture, 0.25), means.repeat(4, axis=0).repeat(4, axis=1), atol=1)


def test_a_block_of_four_worked_by_hand():
    picture = np.array([[0, 10, 100, 100], [20, 30, 100, 100]], np.uint8)[..., None].repeat(3, axis=-1)
    np.testing.assert_array_equal(imaging.pixelate(picture, 0.5)[..., 0], [[15, 15, 100, 100], [15, 15, 100, 100]])


def test_resampling_smoothly_leaves_no_blocks():
    smooth, blocks = (imaging.resample(STATIC, 0.25, smooth) for smooth in (True, False))
    assert len(np.unique(smooth)) > len(np.unique(blocks))
    np.testing.assert_allclose(smooth.mean(axis=(0, 1)), blocks.mean(axis=(0, 1)), atol=3)


@pytest.mark.parametrize("name", ANY)
def test_any_size_goes_and_the_picture_stays(name, any_size_goes):
    any_size_goes(ANY[name])
