"""Stain in optical density, against a plain computation and Beer and Lambert's law."""

import numpy as np
import pytest

from zoo.augment.stain import DYES, restain

PICTURE = np.random.default_rng(0).integers(5, 250, (16, 16, 3)).astype(np.uint8)
SAME, NONE = np.ones(3), np.zeros(3)


def test_the_same_amounts_leave_the_picture():
    assert np.abs(restain(PICTURE, SAME, NONE).astype(int) - PICTURE).max() <= 1


def test_white_stays_white_whatever_the_amounts():
    white = np.full((4, 4, 3), 255, np.uint8)
    np.testing.assert_array_equal(restain(white, np.array([0.5, 2.0, 1.5]), NONE), white)


def test_twice_the_dye_lets_the_square_of_the_light_through():
    dye = np.exp(-0.6 * DYES[0])  # of haematoxylin alone
    pixel = np.full((1, 1, 3), 256 * dye - 1).round().astype(np.uint8)
    found = restain(pixel, np.array([2.0, 1.0, 1.0]), NONE)
    np.testing.assert_allclose(found[0, 0], 256 * dye**2 - 1, atol=2)


def test_more_dye_everywhere_tints_white_with_it():
    found = restain(np.full((1, 1, 3), 255, np.uint8), SAME, np.array([0.0, 0.2, 0.0]))
    np.testing.assert_allclose(found[0, 0], 256 * np.exp(-0.2 * DYES[1]) - 1, atol=1)


def test_amounts_are_those_of_a_plain_computation():
    amounts, more = np.array([0.7, 1.3, 0.9]), np.array([0.05, -0.02, 0.03])
    density = -np.log((PICTURE + 1.0) / 256)
    changed = ((density @ np.linalg.inv(DYES)) * amounts + more) @ DYES
    expected = np.clip(256 * np.exp(-changed) - 1, 0, 255)
    assert np.abs(restain(PICTURE, amounts, more) - expected).max() <= 1.01


@pytest.mark.parametrize("amounts", [(0.5, 0.5, 0.5), (1.5, 1.5, 1.5)])
def test_less_dye_is_brighter_and_more_is_darker(amounts):
    found = restain(PICTURE, np.array(amounts), NONE).astype(float)
    assert (found.mean() > PICTURE.mean()) == (amounts[0] < 1)
