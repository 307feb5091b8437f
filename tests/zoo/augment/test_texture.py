"""Textures: which frequencies they have, how strong they are, and what a veil covers; and uneven light."""

import numpy as np
import pytest
from scipy.stats import linregress

from zoo.augment.texture import added, lit, texture, veiled

SIZE = (128, 128)
GREY = np.full((32, 48, 3), 100, np.uint8)


@pytest.fixture(scope="module")
def white() -> np.ndarray:
    return np.random.default_rng(0).normal(size=SIZE).astype(np.float32)


def spectrum(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Cycles a side, and the amplitude there, of the frequencies in all directions."""
    amplitude = np.abs(np.fft.fft2(values))
    frequency = np.hypot(*np.meshgrid(*(np.fft.fftfreq(side) * side for side in values.shape[::-1])))
    used = (frequency >= 2) & (frequency < 48)
    return frequency[used], amplitude[used]


@pytest.mark.parametrize("exponent", [-1.0, 0.0, 1.0, 2.5])
def test_the_amplitude_falls_with_the_frequency_to_the_exponent(white, exponent):
    frequency, amplitude = spectrum(texture(white, ("power", exponent)))
    assert linregress(np.log(frequency), np.log(amplitude)).slope == pytest.approx(-exponent, abs=0.1)


@pytest.mark.parametrize("middle", [3.0, 12.0])
def test_a_band_has_its_middle(white, middle):
    frequency, amplitude = spectrum(texture(white, ("band", middle)))
    assert np.average(frequency, weights=amplitude**2) == pytest.approx(middle, rel=0.35)


def test_a_texture_has_mean_0_and_deviation_1_and_a_hard_one_two_values(white):
    soft = texture(white, ("power", 1.0))
    assert (soft.mean(), soft.std()) == (pytest.approx(0, abs=1e-5), pytest.approx(1, rel=1e-4))
    assert soft.dtype == np.float32
    assert set(np.unique(texture(white, ("band", 4.0), hard=True))) == {-1, 1}


def test_sides_may_be_odd_and_colours_have_textures_of_their_own():
    coloured = np.random.default_rng(1).normal(size=(33, 48, 3)).astype(np.float32)
    found = texture(coloured, ("power", 1.0))
    assert found.shape == (33, 48, 3)
    alone = texture(coloured[..., 1], ("power", 1.0))
    assert np.corrcoef(found[..., 1].ravel(), alone.ravel())[0, 1] == pytest.approx(1, abs=1e-5)


def test_added_noise_has_its_deviation_and_ends_at_black_and_white(white):
    grey = np.full((*SIZE, 3), 128, np.uint8)
    assert added(grey, texture(white, ("power", 0.0)), 20.0).astype(float).std() == pytest.approx(20, rel=0.02)
    strong = added(grey, white, 400.0)
    assert (strong.min(), strong.max()) == (0, 255)
    np.testing.assert_array_equal(strong[..., 0], strong[..., 2])


def test_a_veil_covers_most_where_the_texture_is_high(white):
    picture = np.zeros((*SIZE, 3), np.uint8)
    found = veiled(picture, white, (200, 100, 0), 0.5)
    np.testing.assert_array_equal(veiled(picture, white, (200, 100, 0), 0.0), picture)
    assert found[..., 0].max() <= 100  # half of 200
    assert found[..., 0][white > 1].mean() > 2 * found[..., 0][white < -1].mean()
    np.testing.assert_allclose(found[..., 1], found[..., 0] / 2, atol=1)


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
