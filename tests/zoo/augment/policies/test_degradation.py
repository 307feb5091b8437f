"""Degradation: every kind is drawn, within its range, the stronger the larger the picture."""

import numpy as np
import pytest

from zoo.augment.policies import composite as degradation
from zoo.augment.policies.composite import NAMES, STRENGTHS, draw_degradation


@pytest.fixture
def drawn(monkeypatch):
    listed = []
    change = degradation._change
    monkeypatch.setattr(degradation, "_change", lambda *a: listed.append(a[:2]) or change(*a))
    return listed


@pytest.mark.parametrize("magnitude", [0.0, 0.4, 1.0])
def test_strengths_stay_between_the_weakest_and_their_share_of_the_strongest(drawn, magnitude):
    random = np.random.default_rng(0)
    for _ in range(400):
        draw_degradation(random, (32, 40), magnitude)
    assert {name for name, _ in drawn} == set(NAMES)
    for name, strength in drawn:
        weakest, strongest = STRENGTHS[name]
        assert 0 <= (strength - weakest) / (strongest - weakest) <= magnitude + 1e-9


@pytest.mark.parametrize("name", NAMES)
def test_each_changes_a_picture_more_the_stronger_it_is(name, cell):
    distances = []
    for strength in STRENGTHS[name]:
        change = degradation._change(name, strength, cell.shape[:2], np.random.default_rng(0))
        np.testing.assert_array_equal(change(cell), change(cell))
        distances.append(np.abs(change(cell).astype(int) - cell).mean())
    assert 0 < distances[0] < distances[1]


@pytest.mark.parametrize(
    ("name", "length"), [("gaussian_blur", "sigma"), ("defocus", "radius"), ("motion_blur", "length")]
)
def test_lengths_grow_with_the_picture(name, length):
    small, large = (
        degradation._change(name, 0.02, size, np.random.default_rng(0)).keywords[length]
        for size in ((50, 80), (200, 100))
    )
    assert (small, large) == (1.0, 2.0)
