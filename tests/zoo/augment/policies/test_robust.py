"""The robust policy: a warp for every picture, and none to three of eight changes."""

from collections import Counter

import numpy as np
import pytest
from scipy.stats import chisquare

from zoo.augment import geometry
from zoo.augment.batch import render
from zoo.augment.policies import composite, robust
from zoo.augment.policies.robust import CHANGES, draw_robust
from zoo.augment.policy import make_policy
from zoo.augment.steps import Warp

SIZE = (64, 56)


@pytest.fixture
def changes(monkeypatch):
    """Lists the changes that are drawn, by place."""
    listed = []
    spies = tuple(lambda *a, place=place: listed.append(place) or [] for place in range(len(CHANGES)))
    monkeypatch.setattr(robust, "CHANGES", spies)
    return listed


@pytest.mark.parametrize(("operations", "allowed"), [(None, {0, 1, 2, 3}), (1, {1}), (8, {8})])
def test_so_many_changes_are_drawn_each_once_in_order_and_evenly(changes, operations, allowed):
    stage = make_policy("robust", operations=operations).stages[0]
    random, numbers, seen = np.random.default_rng(0), Counter(), Counter()
    for _ in range(900):
        changes.clear()
        draw_robust(random, SIZE, stage)
        assert changes == sorted(set(changes))
        numbers[len(changes)] += 1
        seen.update(changes)
    assert set(numbers) == allowed
    assert max(numbers.values()) < 1.3 * min(numbers.values())
    assert chisquare([seen[place] for place in range(len(CHANGES))]).pvalue > 1e-3


def test_a_flip_and_a_warp_come_first():
    random, stage = np.random.default_rng(0), make_policy("robust", operations=1).stages[0]
    for _ in range(40):
        first, *warp = draw_robust(random, SIZE, stage)[:5]
        assert first in geometry.FLIPS
        assert all(isinstance(step, Warp) for step in warp)


def test_pictures_are_zoomed_and_moved_further_than_by_composite():
    random, stage = np.random.default_rng(0), make_policy("robust", operations=1, magnitude=1.0).stages[0]
    warps = [draw_robust(random, SIZE, stage)[1:5] for _ in range(300)]
    zooms, shifts = [zoom.a for _, _, zoom, _ in warps], [abs(shift.c) / SIZE[1] for *_, shift in warps]
    assert composite.ZOOM < max(zooms) <= robust.ZOOM
    assert composite.TRANSLATION < max(shifts) <= robust.TRANSLATION


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_the_same_whenever_it_is_rendered_and_grows_with_the_magnitude(change, cell):
    def distance(magnitude: float) -> float:
        random = np.random.default_rng(1)
        steps = [change(random, cell.shape[:2], magnitude) for _ in range(30)]
        pictures = [render(cell, drawn) for drawn in steps]
        for picture, drawn in zip(pictures, steps, strict=True):
            assert (picture.shape, picture.dtype) == (cell.shape, np.uint8)
            np.testing.assert_array_equal(picture, render(cell, drawn))
        return float(np.mean([np.abs(picture.astype(float) - cell).mean() for picture in pictures]))

    assert distance(0.2) < distance(1.0)
