"""Images of another scale than the depth range: refused where nothing is left, and warned of where little is."""

import logging

import numpy as np
import pytest
from PIL import Image

from zoo.data.checks import as_pixels
from zoo.data.loading import load
from zoo.data.pictures.levels import Levels, check_levels, levels_of
from zoo.data.pictures.pixel_reading import PixelReading
from zoo.data.streams import Ending, load_stream

SIXTEEN = PixelReading(depth_range=(0.0, 65535.0))


@pytest.fixture
def bright():
    """Ten bright pictures, as bytes."""
    return np.random.default_rng(0).integers(60, 256, (10, 12, 12, 3), np.uint8)


def _planted(root, pictures):
    for row, picture in enumerate(pictures):
        path = root / "ab"[row % 2] / f"{row}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(picture[..., 0]).save(path)
    return root


def test_levels_are_the_brightest_and_the_white():
    picture = np.zeros((40, 50), np.uint16)
    picture[:4] = 200
    assert levels_of(picture, (0, 255)) == Levels(200.0, 0.0, 0.0, 0.0, 200.0)
    picture[0] = 300
    assert levels_of(picture, (100, 255)) == Levels(255.0, 0.025, 0.9, 0.0, 300.0)
    assert levels_of(np.array([[np.nan, 0.5]]), (0, 1)) == Levels(128.0, 0.0, 0.0, 0.5, 0.5)


@pytest.mark.parametrize("factor", [257, 256, 200, 100])
def test_images_on_the_scale_of_the_range_pass(bright, factor, caplog):
    as_pixels(bright.astype(np.uint16) * factor, SIXTEEN)
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


@pytest.mark.parametrize("factor", [16, 4])
def test_dark_arrays_are_warned_of(bright, factor, caplog):
    as_pixels(bright.astype(np.uint16) * factor, SIXTEEN)
    assert "depth_range" in caplog.text


@pytest.mark.parametrize("dtype", [np.uint16, np.float32, np.int64])
def test_arrays_of_bytes_on_the_scale_of_twelve_bits_are_told_how_to_be_passed(bright, dtype, caplog):
    twelve = PixelReading(depth_range=(0.0, 4095.0))
    as_pixels(bright.astype(dtype), twelve)
    assert "images.astype('uint8')" in caplog.text
    caplog.clear()
    np.testing.assert_array_equal(as_pixels(bright.astype(dtype).astype("uint8"), twelve), bright)
    as_pixels(bright.astype(dtype) * 1.5, twelve)
    assert "fill only" in caplog.text
    assert "uint8" not in caplog.text


@pytest.mark.parametrize(("limits", "word"), [((0.0, 1e7), "black"), ((0.0, 100.0), "white"), ((0.0, 4095.0), "white")])
def test_files_of_which_nothing_is_left_are_refused(bright, limits, word, tmp_path):
    root = _planted(tmp_path, bright.astype(np.uint16) * 257)
    with pytest.raises(ValueError, match=rf"{word}.*--depth-range"):
        load(root, depth_range=limits)


def test_later_files_of_fewer_bits_are_warned_of_or_refused(bright, tmp_path, caplog):
    dark = _planted(tmp_path / "dark", bright.astype(np.uint16) * 16)
    how = {"classes": ("a", "b"), "whole": False, **SIXTEEN.as_dict()}
    load(dark, **how)
    assert "10 images fill only" in caplog.text
    with pytest.raises(ValueError, match="nearly black"):
        load(_planted(tmp_path / "black", bright.astype(np.uint16)), **how)


def test_two_scales_in_one_folder_are_told(bright, tmp_path, caplog):
    factors = np.where(np.arange(10) % 5 < 2, 16, 257)[:, None, None, None]
    load(_planted(tmp_path, (bright * factors).astype(np.uint16)))
    assert "4 of 10 reach 4095 at most" in caplog.text
    assert "6 of 10 reach 65535 at most" in caplog.text


def test_two_scales_that_are_no_bits_are_told(bright, tmp_path, caplog):
    factors = np.where(np.arange(10) % 5 < 2, 8, 150)[:, None, None, None]
    load(_planted(tmp_path, (bright * factors).astype(np.uint16)), depth_range=(0, 65535))
    assert "two scales: 4 of 10" in caplog.text


BLACK = levels_of(np.zeros((4, 4), np.uint16), (0, 65535))


def test_one_black_picture_may_be_black(caplog):
    check_levels([BLACK], SIXTEEN)
    assert "dark" in caplog.text
    check_levels([], SIXTEEN)
    check_levels([BLACK] * 3, PixelReading())


def test_one_bright_picture_does_not_hide_a_dark_set(bright, caplog):
    factors = np.where(np.arange(100) == 50, 257, 16)[:, None, None, None]
    as_pixels((np.tile(bright, (10, 1, 1, 1)) * factors).astype(np.uint16), SIXTEEN)
    assert "are dark" in caplog.text


def test_pixels_below_the_range_are_told(bright, caplog):
    values = bright.astype(np.int32) * 10
    as_pixels(values, PixelReading(depth_range=(float(np.median(values)) + 300, 5000.0)))
    assert "beyond" in caplog.text
    assert "600 to 2550" in caplog.text


@pytest.mark.parametrize("factors", [(16, 257), (4, 16), (64, 257), (1, 257)])
def test_depths_that_are_mixed_are_counted(bright, factors, tmp_path, caplog):
    load(_planted(tmp_path, (bright * np.resize(factors, 10)[:, None, None, None]).astype(np.uint16)))
    assert "several depths: 5 of 10 reach" in caplog.text


def test_brightness_that_varies_is_no_mix_of_depths(bright, caplog):
    factors = np.linspace(60, 257, 10)[:, None, None, None]
    as_pixels((bright * factors).astype(np.uint16), SIXTEEN)
    assert "depths" not in caplog.text


def test_a_dataset_is_checked_as_a_whole(bright, tmp_path, caplog):
    def loaded(factor):
        batches = [((row * np.uint16(factor)).astype(np.uint16), place % 2) for place, row in enumerate(bright)]
        load_stream(batches, tmp_path, None, None, Ending(batches=10, certain=True, remedy=""), SIXTEEN)

    loaded(257)
    assert "dark" not in caplog.text
    loaded(16)
    assert "dark" in caplog.text
    with pytest.raises(ValueError, match="nearly black"):
        loaded(1)


@pytest.mark.parametrize("factor", [None, 257])
def test_a_range_has_no_effect_on_bytes_and_it_is_said_once(bright, factor, tmp_path, caplog):
    images = bright if factor is None else bright.astype(np.uint16) * factor
    caplog.set_level(logging.INFO, "zoo")
    load(_planted(tmp_path, images), depth_range=(0, 65535))
    load(images, np.arange(10) % 2, depth_range=(0, 65535))
    assert caplog.text.count("has no effect") == (2 if factor is None else 0)
