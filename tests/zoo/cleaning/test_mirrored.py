"""Classes that flips confuse are found, and others are left alone."""

import numpy as np
import pytest

from zoo.cleaning.mirrored import find_mirrored
from zoo.data import as_images


def arrows(count=80, *, seed=0):
    """Strokes that rise to the right or to the left, somewhere in a picture of noise."""
    random = np.random.default_rng(seed)
    pixels = random.integers(0, 40, (count, 32, 32, 3)).astype(np.uint8)
    for row in range(count):
        top, left = random.integers(4, 12, 2)
        for step in range(8):
            pixels[row, top + 8 - step : top + 9 - step, left + (step if row % 2 == 0 else 15 - step)] = 220
    return as_images(pixels, np.arange(count) % 2, ("left", "right"))


def faces(count=80):
    """A bright patch above or below: upside down they change, mirrored they do not."""
    random = np.random.default_rng(1)
    pixels = random.integers(0, 60, (count, 24, 24, 3)).astype(np.uint8)
    for row in range(count):
        column = random.integers(4, 14)
        pixels[row, (3 if row % 2 else 15) :, column : column + 6][:6] = 200
    return as_images(pixels, np.arange(count) % 2, ("down", "up"))


def test_arrows_are_confused_by_mirrors_not_by_half_turns():
    found = find_mirrored(arrows())
    assert {(one.how, one.name, one.other) for one in found} == {
        (how, *pair) for how in ("mirrored", "upside down") for pair in (("left", "right"), ("right", "left"))
    }
    assert all(one.share > 0.8 for one in found)
    assert "of left look like right mirrored" in str(found[0])


def test_up_and_down_are_confused_by_turning_upside_down_alone():
    assert {one.how for one in find_mirrored(faces())} == {"upside down", "turned by 180 degrees"}
    assert not find_mirrored(faces(), ["mirrored"])


def test_what_has_no_side_is_left_alone(blobs):
    assert not find_mirrored(blobs)
    noise = np.random.default_rng(0).integers(0, 256, (60, 16, 16, 3)).astype(np.uint8)
    assert not find_mirrored(as_images(noise, np.arange(60) % 2))


@pytest.mark.parametrize("count", [2, 10, 18])
def test_too_few_images_say_nothing(count):
    assert not find_mirrored(arrows(count))


def test_a_class_of_one_image_among_large_ones_is_left_out():
    drawn = arrows()
    rows = np.flatnonzero((drawn.labels == 0) | (np.arange(80) == 1))
    assert not find_mirrored(drawn.subset(rows))
    labels = np.where(np.arange(80) == 3, 2, drawn.labels)
    three = as_images(drawn.pixels, labels, ("left", "right", "rare"))
    assert {one.name for one in find_mirrored(three, ["mirrored"])} == {"left", "right"}
