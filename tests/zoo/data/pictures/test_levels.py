"""Images of another scale than the depth range: refused where nothing is left, and warned of where little is."""

import logging

import numpy as np
import pytest
from PIL import Image

from zoo.data.checks import as_pixels
from zoo.data.loading import load
from zoo.data.pictures.levels import Levels, check_levels, levels_of
from zoo.data.pictures.pixel_reading import PixelReading

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
    picture = np.zeros((40, 50), np.uint8)
    picture[:4] = 200
    assert levels_of(picture) == Levels(200.0, 0.0)
    picture[0] = 255
    assert levels_of(picture) == Levels(255.0, 0.025)


@pytest.mark.parametrize("factor", [257, 256, 200, 100])
def test_images_on_the_scale_of_the_range_pass(bright, factor, caplog):
    as_pixels(bright.astype(np.uint16) * factor, SIXTEEN)
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


@pytest.mark.parametrize("factor", [16, 4])
def test_dark_arrays_are_warned_of(bright, factor, caplog):
    as_pixels(bright.astype(np.uint16) * factor, SIXTEEN)
    assert "depth_range" in caplog.text


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
    assert "4 of 10" in caplog.text
    assert "two scales" in caplog.text


def test_one_black_picture_may_be_black(caplog):
    check_levels([Levels(0.0, 0.0)], SIXTEEN)
    assert "dark" in caplog.text
    check_levels([], SIXTEEN)
    check_levels([Levels(0.0, 0.0)] * 3, PixelReading())
