"""RandAugment and TrivialAugment: what is drawn, how often and how strong."""

from collections import Counter

import numpy as np
import pytest
from scipy.stats import chisquare, kstest

from zoo.augment.policies import rand
from zoo.augment.policies.rand import ONE_WAY, OPERATIONS
from zoo.augment.policy import make_policy

SIZE = (64, 56)


@pytest.fixture
def drawn(monkeypatch):
    """Lists what is drawn, as (name, strength)."""
    listed = []
    spies = {name: lambda strength, size, name=name: listed.append((name, strength)) or () for name in OPERATIONS}
    monkeypatch.setattr(rand, "OPERATIONS", spies)
    return listed


def _draw(draw, times, policy):
    random = np.random.default_rng(0)
    for _ in range(times):
        draw(random, SIZE, policy.stages[0])


def test_rand_draws_so_many_operations_evenly(drawn):
    _draw(rand.draw_rand, 2000, make_policy("rand", operations=3))
    counts = Counter(name for name, _ in drawn)
    assert counts.total() == 6000
    assert set(counts) == set(OPERATIONS)
    assert chisquare(list(counts.values())).pvalue > 1e-3


def test_rand_has_one_magnitude_in_either_direction(drawn):
    _draw(rand.draw_rand, 500, make_policy("rand", magnitude=0.25))
    strengths = {name: {strength for own, strength in drawn if own == name} for name in OPERATIONS}
    for name, strongest in rand.RAND.items():
        expected = {0.25 * strongest} if name in ONE_WAY else {-0.25 * strongest, 0.25 * strongest}
        assert strengths[name] == expected


def test_rand_at_magnitude_1_reaches_the_papers_ranges(drawn):
    _draw(rand.draw_rand, 500, make_policy("rand", magnitude=1))
    most = {name: max(strength for own, strength in drawn if own == name) for name in OPERATIONS}
    assert (most["rotate"], most["shear_x"], most["color"]) == (30, 0.3, 0.9)
    assert (most["solarize"], most["posterize"]) == (256, 4)


def test_trivial_draws_one_operation_of_any_magnitude(drawn):
    _draw(rand.draw_trivial, 4000, make_policy("trivial"))
    counts = Counter(name for name, _ in drawn)
    assert counts.total() == 4000
    assert chisquare(list(counts.values())).pvalue > 1e-3
    for name, strongest in rand.TRIVIAL.items():
        magnitudes = [abs(strength) / strongest for own, strength in drawn if own == name]
        assert kstest(magnitudes, "uniform").pvalue > 1e-3
