"""Draws: in their ranges, evenly, ends included where they are whole."""

from collections import Counter

import numpy as np
from scipy.stats import chisquare, kstest

from zoo.augment.steps import between, either_way, pick, whole


def _draw(draw, *arguments, times=3000):
    random = np.random.default_rng(0)
    return [draw(random, *arguments) for _ in range(times)]


def test_numbers_are_drawn_evenly():
    assert kstest(_draw(between, 3.0, -5.0), "uniform", args=(-5, 8)).pvalue > 1e-3
    assert kstest(_draw(either_way, 0.3), "uniform", args=(-0.3, 0.6)).pvalue > 1e-3


def test_whole_numbers_and_options_are_drawn_evenly():
    for values, expected in ((_draw(whole, 2, 4), {2, 3, 4}), (_draw(pick, "abcde"), set("abcde"))):
        counts = Counter(values)
        assert set(counts) == expected
        assert chisquare(list(counts.values())).pvalue > 1e-3


def test_a_number_from_itself_to_itself_is_that_number():
    assert set(_draw(whole, 2, 2, times=50)) == {2}
    assert set(_draw(between, 1.5, 1.5, times=50)) == {1.5}
