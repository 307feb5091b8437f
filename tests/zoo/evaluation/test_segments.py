"""zoo/evaluation/segments.py."""

import re

import numpy as np
import pytest

from zoo.evaluation.segments import PROPERTIES, group_segments, properties_of, surely_weak, weak_segments


@pytest.fixture
def pictures():
    random = np.random.default_rng(0)
    levels = random.integers(30, 220, 600)
    noise = random.integers(-20, 20, (600, 12, 12, 3))
    return np.clip(levels[:, None, None, None] + noise, 0, 255).astype(np.uint8)


def test_properties_of_known_pictures():
    flat = np.full((8, 8, 3), 51, np.uint8)
    board = np.indices((8, 8)).sum(axis=0) % 2 * 255
    red = np.zeros((8, 8, 3), np.uint8)
    red[..., 0] = 255
    found = properties_of(np.stack([flat, np.repeat(board[..., None], 3, axis=2).astype(np.uint8), red]))
    named = dict(zip(PROPERTIES, found.T, strict=True))
    np.testing.assert_allclose(named["brightness"], [0.2, 0.5, 0.299], atol=1e-6)
    np.testing.assert_allclose(named["contrast"], [0, 0.5, 0], atol=1e-6)
    np.testing.assert_allclose(named["sharpness"], [0, 2, 0], atol=1e-6)
    np.testing.assert_allclose(named["saturation"], [0, 0, 1], atol=1e-6)


def test_dark_pictures_that_are_wrong_are_found(pictures):
    dark = pictures.mean(axis=(1, 2, 3)) < 80
    worst, *others = weak_segments(pictures, dark, seed=1)
    assert worst.where.startswith("brightness up to 0.3")
    assert worst.wrong > 0.9
    assert worst.low > max(other.high for other in others)
    assert surely_weak([worst, *others]) == [worst]
    assert dark[list(worst.indices)].mean() == worst.wrong
    assert len(worst.indices) == worst.rows


def test_a_property_that_is_divided_twice_has_both_limits(pictures):
    brightness = properties_of(pictures)[:, PROPERTIES.index("brightness")]
    found = weak_segments(pictures, (brightness > 0.4) & (brightness < 0.6), seed=1)
    (middle,) = (one for one in found if one.wrong > 0.9)
    low, high = re.fullmatch(r"brightness of ([\d.]+) to ([\d.]+)", middle.where).groups()
    assert (float(low), float(high)) == pytest.approx((0.4, 0.6), abs=0.02)
    own = brightness[list(middle.indices)]
    assert (own.min() > float(low) - 1e-3, own.max() < float(high) + 1e-3) == (True, True)


def test_small_files_that_are_wrong_are_found_where_sides_are_known(pictures):
    sides = np.random.default_rng(2).integers(40, 400, 600)
    worst, *_ = weak_segments(pictures, sides < 100, sides=sides, seed=1)
    assert re.fullmatch(r"side of the file up to (9[5-9]|10[0-4]) pixels", worst.where)
    assert worst.wrong > 0.9


def test_in_noise_no_segment_is_surely_worse_than_the_rest(pictures):
    wrong = np.random.default_rng(5).random(600) < 0.1
    found = weak_segments(pictures, wrong)
    assert all(one.low <= 0.1 <= one.high for one in found)
    assert sum(one.rows for one in found) == 300
    assert surely_weak(found) == []


def test_patients_who_differ_are_no_kinds_of_images():
    """Patients differ in brightness and, by chance, in errors: half of each one's images do not confirm the other's."""
    found = 0
    for seed in range(20):
        random = np.random.default_rng(seed)
        groups = np.repeat(np.arange(20), 15)
        levels = np.clip(random.uniform(50, 200, 20)[groups] + random.normal(0, 5, 300), 0, 255)
        pictures = np.broadcast_to(levels.astype(np.uint8)[:, None, None, None], (300, 2, 2, 3))
        wrong = random.random(300) < random.beta(0.5, 2, 20)[groups]
        found += bool(surely_weak(weak_segments(pictures, wrong, groups=groups, seed=seed)))
    assert found <= 2  # 8 where half of each patient's images confirm the other half's


@pytest.mark.parametrize("value", [False, True])
def test_all_right_or_all_wrong_is_one_segment(pictures, value):
    (only,) = weak_segments(pictures, np.full(600, value))
    assert (only.where, only.wrong) == ("all images", float(value))


def test_groups_with_errors_come_by_how_surely_they_are_weak():
    groups = np.repeat(["a", "b", "c"], [10, 40, 10])
    wrong = np.r_[np.zeros(10), np.ones(30), np.zeros(10), np.ones(5), np.zeros(5)].astype(bool)
    assert [(one.where, one.rows) for one in group_segments(groups, wrong)] == [("b", 40), ("c", 10)]
