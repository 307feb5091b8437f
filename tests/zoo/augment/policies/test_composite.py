"""The composite policy: how many groups, which, and how far they go."""

from collections import Counter

import numpy as np
import pytest
from scipy.stats import chisquare

from zoo.augment import geometry
from zoo.augment.batch import render
from zoo.augment.policies import composite
from zoo.augment.policies.composite import draw_colour, draw_composite, draw_geometry
from zoo.augment.policy import make_policy
from zoo.augment.steps import Filter, Warp

SIZE = (64, 56)


@pytest.fixture
def groups(monkeypatch):
    """Lists the groups drawn from, by place."""
    listed = []
    spies = tuple(lambda *a, place=place: listed.append(place) or [] for place in range(4))
    monkeypatch.setattr(composite, "GROUPS", spies)
    return listed


@pytest.mark.parametrize(("operations", "allowed"), [(None, {2, 3, 4}), (1, {1}), (4, {4})])
def test_so_many_groups_are_drawn_each_once_and_evenly(groups, operations, allowed):
    stage = make_policy("composite", operations=operations).stages[0]
    random, numbers, seen = np.random.default_rng(0), Counter(), Counter()
    for _ in range(900):
        groups.clear()
        draw_composite(random, SIZE, stage)
        assert groups == sorted(set(groups))
        numbers[len(groups)] += 1
        seen.update(groups)
    assert set(numbers) == allowed
    assert max(numbers.values()) < 1.2 * min(numbers.values())
    assert chisquare([seen[group] for group in range(4)]).pvalue > 1e-3


def test_a_flip_comes_first():
    random = np.random.default_rng(0)
    stage = make_policy("composite").stages[0]
    assert {draw_composite(random, SIZE, stage)[0] for _ in range(60)} == set(geometry.FLIPS)


def test_geometry_turns_by_any_angle_and_stays_within_its_ranges():
    random = np.random.default_rng(0)
    quarters = set()
    for _ in range(300):
        turn, shear, zoom, shift = draw_geometry(random, SIZE, 0.5)
        quarters.add((turn.a > 0, turn.d > 0))
        assert abs(shear.b) <= 0.5 * composite.SHEAR
        assert composite.ZOOM**-0.5 <= zoom.a <= composite.ZOOM**0.5
        assert abs(shift.c) <= 0.5 * composite.TRANSLATION * 56
        assert abs(shift.f) <= 0.5 * composite.TRANSLATION * 64
    assert len(quarters) == 4


def test_without_magnitude_a_picture_is_turned_all_the_same_and_not_moved_otherwise():
    random = np.random.default_rng(0)
    drawn = [draw_geometry(random, SIZE, 0.0) for _ in range(300)]
    assert len({(turn.a > 0, turn.d > 0) for turn, *_ in drawn}) == 4
    assert {step for _, *others in drawn for step in others} == {geometry.AS_IT_IS}


def test_geometry_leaves_no_black_corners():
    random = np.random.default_rng(0)
    background = np.full((*SIZE, 3), (250, 230, 210), np.uint8)
    for _ in range(50):
        np.testing.assert_array_equal(render(background, draw_geometry(random, SIZE, 1.0)), background)


def test_two_different_colours_change_and_without_magnitude_nothing_does(cell):
    random = np.random.default_rng(0)
    for _ in range(40):
        steps = draw_colour(random, SIZE, 0.0)
        assert len(steps) == 2
        assert sum(isinstance(step, Filter) for step in steps) <= 1
        assert np.abs(render(cell, steps).astype(int) - cell).max() <= 1


def test_hues_stay_a_cell_keeps_its_order_of_channels(cells):
    """Stained nuclei are blue before red before green: no draw makes another colour of them."""
    random = np.random.default_rng(0)
    nuclei = [picture[picture.sum(-1) < 330] for picture in cells]
    assert all(np.all(np.diff(pixels.mean(0)[[1, 0, 2]]) > 0) for pixels in nuclei)
    for _ in range(40):
        for picture in cells:
            coloured = render(picture, draw_colour(random, SIZE, 0.7))[picture.sum(-1) < 330].mean(0)
            assert coloured[2] > coloured[1]
            assert coloured[0] > coloured[1] - 12


def test_all_moves_of_a_picture_are_warps():
    assert all(isinstance(step, Warp) for step in draw_geometry(np.random.default_rng(0), SIZE, 1.0))
