"""Classes that flips confuse are found, and others are left alone."""

import logging

import numpy as np
import pytest

from zoo.cleaning.mirrored import find_mirrored, tell_of_flips
from zoo.data import as_images
from zoo.models.plan import Plan
from zoo.training.recipe import Recipe


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


@pytest.fixture
def strokes():
    pixels = np.random.default_rng(0).integers(0, 40, (60, 24, 24, 3)).astype(np.uint8)
    for row in range(60):
        for step in range(12):
            pixels[row, 4 + step, (4 + step if row % 2 else 19 - step)] = 220
    return as_images(pixels, np.arange(60) % 2, ("left", "right"))


def said(caplog, images, **options):
    with caplog.at_level(logging.INFO):
        tell_of_flips([Plan(backbone="simple_cnn")], Recipe(**options), images, seed=0)
    return [(record.levelname, record.getMessage()) for record in caplog.records]


def test_classes_that_the_policy_confuses_are_told_with_the_remedy(caplog, strokes):
    (_, told), (level, warning) = said(caplog, strokes)
    assert "composite mirrors images" in told
    assert level == "WARNING"
    for word in ("left look like right mirrored", "flips='none'", "--flips none"):
        assert word in warning


def test_others_are_not(caplog, blobs):
    ((level, told),) = said(caplog, blobs, augment="flips")
    assert level == "INFO"
    assert "mirrors images and turns them upside down" in told


def test_whoever_has_chosen_is_not_asked(caplog, strokes):
    ((_, told),) = said(caplog, strokes, flips="none")
    assert "mirrors" not in told
    assert "turns them by up to" in told
    assert not said(caplog, strokes, augment="none")[1:]


def test_flips_and_layers_that_flip_contradict_each_other():
    layers = ({"layer": "RandomFlip", "mode": "horizontal"},)
    assert Recipe(flips="both", graph_layers=layers).flips == "both"
    with pytest.raises(ValueError, match=r"flips.*RandomFlip"):
        Recipe(flips="none", graph_layers=layers)
