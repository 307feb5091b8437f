"""zoo/data/views.py."""

import numpy as np
import pytest

from zoo.augment import augment, make_policy
from zoo.data.views import Array, Composites, CyclicViews, Fresh, View, fixed_views

FLIPS = make_policy("flips")


def test_a_view_is_its_rows_augmented(blobs):
    rows = np.array([5, 1, 60])
    expected = augment(blobs.take(rows), rows, FLIPS, (3, 7))
    np.testing.assert_array_equal(View(blobs, FLIPS, (3, 7)).take(rows), expected)


def test_a_row_of_a_view_does_not_depend_on_what_is_read_with_it(blobs):
    view = View(blobs, make_policy("composite"), (1,))
    whole = view.take(np.arange(len(blobs)))
    np.testing.assert_array_equal(view.take(np.array([70, 2])), whole[[70, 2]])


def test_a_row_of_composites_is_always_the_same_and_not_its_original(blobs):
    whole = Composites(blobs).take(np.arange(len(blobs)))
    np.testing.assert_array_equal(Composites(blobs).take(np.array([70, 2])), whole[[70, 2]])
    changed = np.abs(whole.astype(int) - blobs.take(np.arange(len(blobs)))).mean(axis=(1, 2, 3))
    assert (changed > 0).mean() > 0.95
    assert changed[4::5].mean() > changed[0::5].mean()  # severity goes round the rows
    assert Composites(blobs).fingerprint != blobs.fingerprint


def test_fresh_views_differ_from_epoch_to_epoch_and_repeat_for_the_same(blobs):
    fresh, rows = Fresh(blobs, FLIPS, (0,)), np.arange(len(blobs))
    once = np.zeros_like(rows)
    assert (fresh.take(rows, 0, once) != fresh.take(rows, 1, once)).any()
    np.testing.assert_array_equal(fresh.take(rows, 1, once), Fresh(blobs, FLIPS, (0,)).take(rows, 1, once))


def test_a_row_that_comes_again_in_an_epoch_is_another_view_each_time(blobs):
    fresh, rows = Fresh(blobs, make_policy("composite"), (0,)), np.full(5, 7)
    taken = fresh.take(rows, 3, np.arange(5))
    assert len(np.unique(taken.reshape(5, -1), axis=0)) == 5
    np.testing.assert_array_equal(fresh.take(rows[:1], 3, np.array([4]))[0], taken[4])
    turns = CyclicViews([Array(np.full(10, view)) for view in range(3)])
    assert turns.take(rows, 0, np.arange(5)).tolist() == [1, 2, 0, 1, 2]


def test_views_come_by_turns_from_row_to_row_and_epoch_to_epoch():
    turns = CyclicViews([Array(np.arange(10) + 100 * view) for view in range(3)])
    assert turns.take(np.array([0, 1, 2, 3, 9]), 0, np.zeros(5, int)).tolist() == [0, 101, 202, 3, 9]
    assert turns.take(np.array([9, 0]), 4, np.zeros(2, int)).tolist() == [109, 100]
    assert len(turns) == 10


def test_every_view_of_a_row_comes_once_before_it_comes_again():
    turns = CyclicViews([Array(np.full(4, view)) for view in range(4)])
    seen = np.stack([turns.take(np.arange(4), epoch, np.zeros(4, int)) for epoch in range(4)])
    assert all(sorted(column) == [0, 1, 2, 3] for column in seen.T)


def test_the_first_of_fixed_views_is_the_clean_one(blobs):
    views = fixed_views(blobs, FLIPS, 3, seed=(0,))
    rows = np.arange(len(blobs))
    assert len(views) == 3
    np.testing.assert_array_equal(views[0].take(rows), blobs.pixels)
    assert (views[1].take(rows) != views[2].take(rows)).any()


def test_without_augmentation_there_is_one_view(blobs):
    assert fixed_views(blobs, make_policy("none"), 4, seed=(0,)) == [blobs]


@pytest.mark.parametrize("count", [1, 4])
def test_more_views_do_not_change_the_first_ones(blobs, count):
    rows = np.arange(8)
    few, many = fixed_views(blobs, FLIPS, count, seed=(0,)), fixed_views(blobs, FLIPS, 6, seed=(0,))
    for own, other in zip(few, many, strict=False):
        np.testing.assert_array_equal(own.take(rows), other.take(rows))
