"""Flips and the standard mix: their ranges."""

from collections import Counter
from functools import reduce
from math import atan2, degrees, hypot

import numpy as np
import pytest
from scipy.stats import chisquare

from zoo.augment import geometry
from zoo.augment.policies.standard import draw_flips, draw_standard
from zoo.augment.policy import make_policy
from zoo.augment.steps import Adaptive

SIZE = (60, 100)


def _draws(draw, count, policy):
    random = np.random.default_rng(0)
    return [draw(random, SIZE, policy.stages[0]) for _ in range(count)]


def test_flips_are_drawn_evenly():
    counts = Counter(step for steps in _draws(draw_flips, 2000, make_policy("flips")) for step in steps)
    assert set(counts) == set(geometry.FLIPS)
    assert chisquare(list(counts.values())).pvalue > 1e-3


@pytest.mark.parametrize(("magnitude", "turn", "shift", "change"), [(0.5, 36, 0.1, 0.2), (1.0, 72, 0.2, 0.4)])
def test_standard_draws_within_its_ranges_and_up_to_them(magnitude, turn, shift, change):
    turns, rights, downs, zooms = [], [], [], []
    for flip, *moves, last in _draws(draw_standard, 2000, make_policy("standard", magnitude=magnitude)):
        assert flip in geometry.FLIPS
        assert isinstance(last, Adaptive)
        a, b, _, d, e, _ = reduce(geometry.then, moves)
        turns.append(degrees(atan2(d, a)))
        zooms.append(1 / hypot(a, d))
        assert (a, b) == pytest.approx((e, -d))
        rights.append(moves[-1].c / SIZE[1])
        downs.append(moves[-1].f / SIZE[0])
    for values, middle, reach in ((turns, 0, turn), (rights, 0, shift), (downs, 0, shift), (zooms, 1, change)):
        assert 0.97 * reach < np.abs(np.array(values) - middle).max() <= reach


def test_the_contrast_of_standard_stays_within_its_range(cell):
    histogram = np.zeros((256, 3), np.float32)
    histogram[[100, 200]] = 50
    spans = []
    for *_, last in _draws(draw_standard, 300, make_policy("standard")):
        table = last.make(histogram).astype(int)
        spans.append((table[200] - table[100]) / 100)
    assert 0.79 <= min(spans) < 0.83
    assert 1.17 < max(spans) <= 1.21
