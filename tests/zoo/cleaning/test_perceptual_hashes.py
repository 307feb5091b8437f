"""Patterns of pictures: alike for copies, however turned, and unlike for others."""

import numpy as np
import pytest

from zoo.cleaning.all_splits import Stack
from zoo.cleaning.perceptual_hashes import (
    TURNS,
    UPRIGHT,
    patterns,
    similar_later,
    similarity,
    turn_frequencies,
    turn_picture,
)
from zoo.data import Splits

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


def test_similar_later_ones_are_those_of_a_naive_search():
    found = _patterns(draw(40))
    upright, turned = found.turned(UPRIGHT), np.stack([found.turned(how) for how in TURNS])
    best = np.max(turned @ upright.T, axis=0).T
    naive = {(row, other) for row in range(40) for other in range(row + 1, 40) if best[row, other] >= 0.45}
    assert 5 < len(naive) < 100
    assert set(zip(*similar_later(found, 0.45).tolist(), strict=True)) == naive


def test_of_many_copies_each_has_a_later_one():
    found = _patterns(np.repeat(draw(6), 30, axis=0))
    first, second = similar_later(found, 0.99)
    assert set(first.tolist()) == set(range(180)) - {29 + 30 * place for place in range(6)}
    assert (first < second).all()
    assert (first // 30 == second // 30).all()


def test_what_all_pictures_share_is_no_pattern():
    framed = draw(60)
    framed[:, :9, :5] = np.random.default_rng(1).integers(0, 256, (9, 5, 3))
    assert similar_later(_patterns(framed), 0.9).size == 0


def test_blocks_change_nothing(monkeypatch):
    found = _patterns(draw(40))
    whole = similar_later(found, 0.45)
    monkeypatch.setattr("zoo.cleaning.perceptual_hashes.BLOCK", 7)
    np.testing.assert_array_equal(similar_later(found, 0.45), whole)


def test_similarity_takes_the_best_turn():
    pixels = draw(20)
    found = _patterns(np.concatenate([pixels, pixels[:, ::-1].transpose(0, 2, 1, 3)]))
    assert similarity(found, np.arange(20), np.arange(20, 40))[0].min() > 0.99
    assert similarity(found, np.arange(19), np.arange(1, 20))[0].max() < 0.9
