"""Tables of levels, against Pillow."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageEnhance, ImageOps

from zoo.augment import lookup_tables

ADAPTIVE = {
    "autocontrast": (lookup_tables.autocontrast, ImageOps.autocontrast),
    "equalize": (lookup_tables.equalize, ImageOps.equalize),
}
pictures = st.builds(
    lambda seed, height, width, low, span: np.random.default_rng(seed).integers(
        low, min(low + span, 256), (height, width, 3), dtype=np.uint8
    ),
    st.integers(0, 2**32),
    st.integers(1, 40),
    st.integers(1, 40),
    st.integers(0, 255),
    st.integers(1, 256),
)


def _difference(ours, image):
    return np.abs(ours.astype(int) - np.asarray(image)).max()


def _looked_up(picture, table):
    return lookup_tables.look_up(picture, table)


@settings(deadline=None)
@given(pictures, st.floats(0, 2.5))
def test_brightness_is_pillows(picture, factor):
    image = ImageEnhance.Brightness(Image.fromarray(picture)).enhance(factor)
    assert _difference(_looked_up(picture, lookup_tables.brightness(factor)), image) <= 1


@settings(deadline=None)
@given(pictures, st.floats(0, 2.5))
def test_contrast_is_pillows(picture, factor):
    image = ImageEnhance.Contrast(Image.fromarray(picture)).enhance(factor)
    table = lookup_tables.contrast(lookup_tables.histogram_of(picture), factor)
    assert _difference(_looked_up(picture, table), image) <= 2  # Pillow rounds the grey of every pixel


@pytest.mark.parametrize("name", ADAPTIVE)
@settings(deadline=None)
@given(picture=pictures)
def test_tables_of_the_histogram_are_pillows(name, picture):
    ours, theirs = ADAPTIVE[name]
    table = ours(lookup_tables.histogram_of(picture))
    assert _difference(_looked_up(picture, table), theirs(Image.fromarray(picture))) <= 1


@pytest.mark.parametrize("name", ADAPTIVE)
def test_tables_of_the_histogram_are_pillows_on_cells(name, cells):
    ours, theirs = ADAPTIVE[name]
    for picture in cells:
        table = ours(lookup_tables.histogram_of(picture))
        assert _difference(_looked_up(picture, table), theirs(Image.fromarray(picture))) <= 1


@pytest.mark.parametrize("threshold", [0, 1, 100, 128.5, 255, 256])
def test_solarize_is_pillows(threshold, static):
    image = ImageOps.solarize(Image.fromarray(static), threshold)
    np.testing.assert_array_equal(_looked_up(static, lookup_tables.solarize(threshold)), image)


@pytest.mark.parametrize("bits", range(1, 9))
def test_posterize_is_pillows(bits, static):
    image = ImageOps.posterize(Image.fromarray(static), bits)
    np.testing.assert_array_equal(_looked_up(static, lookup_tables.posterize(bits)), image)


def test_gamma_and_gains_are_their_formulas(static):
    shares = static / 255
    np.testing.assert_allclose(_looked_up(static, lookup_tables.gamma(0.6)), 255 * shares**0.6, atol=0.5 + 1e-6)
    factors = np.array([1.1, 1.0, 0.8])
    gained = np.clip(static * factors, 0, 255)
    np.testing.assert_allclose(_looked_up(static, lookup_tables.gains(factors)), gained, atol=0.5 + 1e-6)


@settings(deadline=None)
@given(pictures)
def test_a_histogram_counts_every_channel(picture):
    counts = [np.bincount(picture[..., channel].ravel(), minlength=256) for channel in range(3)]
    np.testing.assert_array_equal(lookup_tables.histogram_of(picture), np.stack(counts, axis=1))


one = st.integers(0, 2**32).map(lambda seed: np.random.default_rng(seed).integers(0, 256, 256, dtype=np.uint8))
three = st.integers(0, 2**32).map(lambda seed: np.random.default_rng(seed).integers(0, 256, (256, 3), dtype=np.uint8))
any_table = st.one_of(one, three, st.just(lookup_tables.AS_IT_IS))


@settings(deadline=None)
@given(pictures, any_table, any_table)
def test_fused_tables_do_what_both_do_in_turn(picture, first, second):
    in_turn = _looked_up(_looked_up(picture, first), second)
    np.testing.assert_array_equal(_looked_up(picture, lookup_tables.then(first, second)), in_turn)


@settings(deadline=None)
@given(pictures, any_table)
def test_a_carried_histogram_is_that_of_the_new_picture(picture, table):
    expected = lookup_tables.histogram_of(_looked_up(picture, table))
    np.testing.assert_array_equal(lookup_tables.carry(lookup_tables.histogram_of(picture), table), expected)
