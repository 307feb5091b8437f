"""Deposits darken, bubbles lighten, and both grow where they are."""

import numpy as np
import pytest
from scipy.ndimage import label

from zoo.augment.corruptions import BUBBLE_WHITE, FEWEST_BUBBLES, RIM_WHITE, STAIN, bubble, deposit

GREY = np.full((224, 224, 3), 100, np.uint8)
NARROW = np.full((50, 200, 3), 100, np.uint8)


def _hit(picture):
    return (picture != 100).any(axis=-1)


def test_a_deposit_lets_a_little_violet_through_where_it_lies():
    picture = deposit(GREY, (1, 0.2), np.random.default_rng(1))
    np.testing.assert_array_equal(np.unique(picture[..., 1])[[0, -1]], [100 * STAIN[1], 100])
    assert (picture.min(axis=(0, 1)) == np.rint(100 * STAIN)).all()
    rows, columns = np.nonzero(_hit(picture))
    assert max(np.ptp(rows), np.ptp(columns)) < 0.35 * 224
    assert 0.005 < _hit(picture).mean() < 0.06


@pytest.mark.parametrize("seed", range(5))
def test_more_and_larger_clumps_cover_the_smaller_ones(seed):
    covers = [
        _hit(deposit(GREY, clumps, np.random.default_rng(seed))).sum() for clumps in ((1, 0.1), (2, 0.1), (2, 0.2))
    ]
    assert covers[0] < covers[1] < covers[2]
    one, two = (_hit(deposit(GREY, (count, 0.1), np.random.default_rng(seed))) for count in (1, 2))
    assert (one <= two).all()


def test_a_bubble_is_pale_with_a_brighter_rim():
    picture = bubble(GREY, (0.05, 7), np.random.default_rng(2))
    inside, rim = (round(100 + 155 * white / 255) for white in (BUBBLE_WHITE, RIM_WHITE))
    assert picture.min() == 100
    assert picture.max() == rim
    assert (picture == inside).sum() > 1000


@pytest.mark.parametrize("seed", range(5))
def test_bubbles_are_as_many_as_they_may_be(seed):
    picture = bubble(GREY, (3 / 224, 12), np.random.default_rng(seed))
    bubbles = label(_hit(picture))[1]
    assert 1 < bubbles <= 12  # those that overlap count as one
    assert _hit(picture).sum() > 0.8 * bubbles * np.pi * 4**2
    assert FEWEST_BUBBLES == 7


@pytest.mark.parametrize(("corruption", "level"), [(deposit, (3, 0.2)), (bubble, (0.06, 12))])
def test_round_things_stay_round_in_a_narrow_picture(corruption, level):
    picture = corruption(NARROW, level, np.random.default_rng(0))
    assert picture.shape == NARROW.shape
    assert 0.01 < _hit(picture).mean() < 0.5
