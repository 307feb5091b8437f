"""Likeness of colours: the same whatever the light, another under another stain."""

import cv2
import numpy as np
import pytest

from zoo.cleaning import Thresholds
from zoo.cleaning.all_splits import Stack
from zoo.cleaning.likeness import Likeness, colour_likeness, correlations
from zoo.cleaning.perceptual_hashes import patterns
from zoo.data import Splits

from .conftest import draw, images

STAINS = [(2, 0, 1), (1, 2, 0)]


def _large(pixels):
    return np.stack([cv2.resize(picture, (64, 64)) for picture in pixels]).astype(np.float32) / 255


def test_correlations_are_those_of_numpy():
    one, other = _large(draw(5)), _large(draw(5, seed=1))
    expected = [np.corrcoef(a.mean(-1).ravel(), b.mean(-1).ravel())[0, 1] for a, b in zip(one, other, strict=True)]
    np.testing.assert_allclose(correlations(one, other), expected, atol=1e-5)


@pytest.mark.parametrize("light", [(0.82, 0.89, 1.0), (0.7, 0.8, 0.9), (1.0, 0.85, 0.8), (0.6, 0.6, 0.6)])
def test_another_light_changes_little(light):
    pixels = _large(draw(30))
    assert colour_likeness(pixels, pixels * np.array(light, np.float32)).min() > 0.98


@pytest.mark.parametrize("order", STAINS)
def test_another_stain_changes_much(order):
    pixels = _large(draw(30))
    assert colour_likeness(pixels, pixels[..., order]).max() < 0.5


def test_noise_of_grey_pictures_decides_nothing():
    random = np.random.default_rng(0)
    grey = _large(draw(20)).mean(axis=-1, keepdims=True) + random.normal(0, 0.01, (2, 20, 64, 64, 3))
    assert colour_likeness(*grey.astype(np.float32)).min() > 0.95


def test_a_step_of_the_whole_colour_is_a_light_up_to_a_limit():
    flat = np.full((1, 64, 64, 3), 0.5, np.float32)
    assert colour_likeness(flat, flat * np.float32([0.8, 1, 1]))[0] == pytest.approx(1)
    assert colour_likeness(flat, flat * np.float32([0.2, 1, 1]))[0] < 0.2


def test_pairs_are_judged_the_same_either_way_and_with_themselves():
    pixels = np.concatenate([draw(20), draw(20)[:, ::-1], draw(20)[..., STAINS[0]]])
    stack = Stack(Splits(images(pixels)))
    likeness = Likeness(stack, patterns(stack, stack.firsts), Thresholds())
    one, other = np.arange(20), np.r_[20:40]
    assert likeness.alike(one, other).all()
    assert likeness.alike(other, one).all()
    assert likeness.alike(one, one).all()
    assert not likeness.alike(one, np.r_[40:60]).any()
    assert likeness.cosines(one, other).min() > 0.99
