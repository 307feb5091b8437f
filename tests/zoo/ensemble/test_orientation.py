"""What is said of flips before members are trained."""

import logging

import numpy as np
import pytest

from zoo.data import as_images
from zoo.ensemble.orientation import tell_of_flips
from zoo.models.plan import Plan
from zoo.training.recipe import Recipe


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
