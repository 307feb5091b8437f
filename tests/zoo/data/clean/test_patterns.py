"""Patterns of pictures: alike for copies, however turned, and unlike for others."""

import numpy as np
import pytest

from zoo.data import Splits
from zoo.data.clean.patterns import (
    TURNS,
    UPRIGHT,
    nearest_later,
    patterns,
    similarity,
    turn_frequencies,
    turn_picture,
)
from zoo.data.clean.stack import Stack

from .conftest import draw, images


def _patterns(pixels):
    stack = Stack(Splits(images(pixels)))
    return patterns(stack, np.arange(len(pixels)))


def test_patterns_have_length_one_and_flat_pictures_none():
    pixels = draw(12)
    pixels[4] = 77
    lengths = np.linalg.norm(_patterns(pixels).turned(UPRIGHT), axis=1)
    np.testing.assert_allclose(np.delete(lengths, 4), 1, atol=1e-5)
    assert lengths[4] == 0


@pytest.mark.parametrize("how", TURNS)
def test_turning_frequencies_gives_those_of_the_turned_picture(how):
    pixels = draw(30)
    turned = np.stack([turn_picture(pixels[..., channel], how) for channel in range(3)], axis=-1)
    found = _patterns(np.concatenate([pixels, turned])).frequencies
    np.testing.assert_allclose(turn_frequencies(found[:30], how), found[30:], atol=0.05)


def test_the_nearest_later_one_is_that_of_a_naive_search():
    found = _patterns(draw(40))
    partner, turn, cosine = nearest_later(found)
    upright, turned = found.turned(UPRIGHT), np.stack([found.turned(how) for how in TURNS])
    for row in range(39):
        values = turned[:, row + 1 :] @ upright[row]
        assert cosine[row] == pytest.approx(values.max(), abs=1e-5)
        assert values[turn[row], partner[row] - row - 1] == pytest.approx(values.max(), abs=1e-5)
    assert (partner[39], cosine[39]) == (39, -1)


def test_what_all_pictures_share_is_no_pattern():
    framed = draw(60)
    framed[:, :9, :5] = np.random.default_rng(1).integers(0, 256, (9, 5, 3))
    assert nearest_later(_patterns(framed))[2].max() < 0.9


def test_blocks_change_nothing(monkeypatch):
    found = _patterns(draw(40))
    whole = nearest_later(found)
    monkeypatch.setattr("zoo.data.clean.patterns.BLOCK", 7)
    for ours, theirs in zip(nearest_later(found), whole, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-6)


def test_similarity_takes_the_best_turn():
    pixels = draw(20)
    found = _patterns(np.concatenate([pixels, pixels[:, ::-1].transpose(0, 2, 1, 3)]))
    assert similarity(found, np.arange(20), np.arange(20, 40)).min() > 0.99
    assert similarity(found, np.arange(19), np.arange(1, 20)).max() < 0.9
