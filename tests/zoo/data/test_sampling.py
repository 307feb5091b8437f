"""The rows of an epoch: as many as promised, in the promised shares, drawn anew each epoch."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zoo.data.sampling import IMBALANCE, epoch_length, epoch_order, repeats

CLASSES = 4
labels_lists = st.lists(st.integers(0, CLASSES - 1), min_size=1, max_size=60).map(np.array)
seeds = st.integers(0, 2**32)


def _order(labels, how, *seed):
    return epoch_order(labels, CLASSES, how, np.random.default_rng(seed))


@given(labels_lists, st.sampled_from(IMBALANCE), seeds)
def test_every_epoch_has_the_promised_length_and_only_rows_that_are_there(labels, how, seed):
    for epoch in range(3):
        rows = _order(labels, how, seed, epoch)
        assert len(rows) == epoch_length(labels, CLASSES, how)
        assert set(rows.tolist()) <= set(range(len(labels)))


@given(labels_lists, st.sampled_from(IMBALANCE), seeds)
def test_the_same_state_gives_the_same_rows(labels, how, seed):
    np.testing.assert_array_equal(_order(labels, how, seed), _order(labels, how, seed))


@given(labels_lists, st.sampled_from(["none", "class_weights", "offline"]), seeds)
def test_ways_that_choose_no_rows_read_every_row_once(labels, how, seed):
    assert sorted(_order(labels, how, seed)) == list(range(len(labels)))


@given(labels_lists, seeds)
def test_undersampling_reads_as_many_of_each_class_as_the_smallest_has_and_none_twice(labels, seed):
    rows = _order(labels, "undersample", seed)
    present, counts = np.unique(labels, return_counts=True)
    drawn, shares = np.unique(labels[rows], return_counts=True)
    assert len(set(rows.tolist())) == len(rows)
    np.testing.assert_array_equal(drawn, present)
    np.testing.assert_array_equal(shares, counts.min())


@given(labels_lists, seeds)
def test_balanced_sampling_shares_the_epoch_equally_and_uses_rows_in_turn(labels, seed):
    rows = _order(labels, "balanced_sampling", seed)
    present = np.unique(labels)
    shares = [np.sum(labels[rows] == label) for label in present]
    assert sum(shares) == len(labels)
    assert max(shares) - min(shares) <= 1
    times = np.bincount(rows, minlength=len(labels))
    for label in present:
        assert np.ptp(times[labels == label]) <= 1


def test_a_case_worked_by_hand():
    labels = np.array([0, 0, 0, 0, 0, 0, 2, 2, 3])
    assert epoch_length(labels, CLASSES, "undersample") == 3
    assert epoch_length(labels, CLASSES, "balanced_sampling") == 9
    times = np.bincount(_order(labels, "balanced_sampling", 1), minlength=9)
    assert times[:6].sum() == 3
    assert sorted(times[6:8]) == [1, 2]
    assert times[8] == 3


@pytest.mark.parametrize("how", ["undersample", "balanced_sampling"])
def test_all_rows_of_a_large_class_are_read_in_the_end(how):
    labels = np.array([0] * 20 + [1] * 5)
    seen = {row for epoch in range(40) for row in _order(labels, how, 3, epoch).tolist()}
    assert seen == set(range(25))


def test_what_is_left_over_goes_to_each_class_in_time():
    labels = np.array([0, 0, 0, 1, 2])
    extra = [np.bincount(labels[_order(labels, "balanced_sampling", epoch)]).argmin() for epoch in range(60)]
    assert set(extra) == {0, 1, 2}


@pytest.mark.parametrize("how", IMBALANCE)
def test_epochs_are_shuffled_and_differ(how):
    labels = np.arange(40) % CLASSES
    orders = {tuple(_order(labels, how, 0, epoch)) for epoch in range(3)}
    assert len(orders) == 3
    assert tuple(range(40)) not in orders
    kinds = labels[_order(labels, how, 0)]
    assert np.sum(kinds[1:] != kinds[:-1]) > 20  # in blocks of one class there would be 3 changes


@pytest.mark.parametrize("how", IMBALANCE)
def test_no_rows_give_an_empty_epoch(how):
    assert len(_order(np.zeros(0, int), how, 0)) == epoch_length(np.zeros(0, int), CLASSES, how) == 0


@settings(max_examples=20)
@given(st.integers(2, 3), seeds)
def test_fewer_rows_than_classes_still_fill_an_epoch(count, seed):
    assert len(_order(np.arange(count), "balanced_sampling", seed)) == count


@pytest.mark.parametrize("call", [lambda how: _order(np.zeros(3, int), how), lambda how: epoch_length([0], 1, how)])
def test_an_unknown_way_is_an_error(call):
    with pytest.raises(ValueError, match=r"none.*smote"):
        call("smote")


@given(st.lists(st.integers(0, 5), max_size=30).map(lambda rows: np.array(rows, int)))
def test_repeats_count_how_often_a_row_came_before(order):
    assert repeats(order).tolist() == [order[:place].tolist().count(row) for place, row in enumerate(order)]
