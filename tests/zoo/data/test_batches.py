"""Batches: every row once an epoch, the same whatever was read before."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.utils.class_weight import compute_class_weight

from zoo.data import as_images
from zoo.data.batches import Batches, LabelledBatches, TrainingBatches, balanced_weights


def _numbered(count, classes=3):
    """Images that show their row in every corner, each corner in its own way."""
    pixels = np.zeros((count, 2, 2, 3), np.uint8)
    pixels[..., 0] = np.arange(count)[:, None, None]
    pixels[..., 1] = [[10, 20], [30, 40]]
    return as_images(pixels, np.arange(count) % classes, whole=False)


def _batches(images, **options):
    defaults = {"batch_size": 4, "flips": True, "class_weights": np.arange(1, 4, dtype=np.float32), "seed": (0,)}
    return TrainingBatches(images, **(defaults | options))


def _rows(batch):
    return batch[0][:, 0, 0, 0].astype(int)


def _epoch(batches):
    return [batches[index] for index in range(batches.num_batches)]


def _assert_same(first, second):
    for ours, theirs in zip(first, second, strict=True):
        for one, other in zip(ours, theirs, strict=True):
            np.testing.assert_array_equal(one, other)


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 60), st.integers(1, 17), st.integers(0, 3))
def test_every_epoch_holds_every_row_once(count, batch_size, epochs):
    batches = _batches(_numbered(count), batch_size=batch_size)
    for _ in range(epochs):
        batches.on_epoch_end()
    read = _epoch(batches)
    assert [len(batch[0]) for batch in read[:-1]] == [batch_size] * (len(read) - 1)
    np.testing.assert_array_equal(np.sort(np.concatenate([_rows(batch) for batch in read])), np.arange(count))


@settings(deadline=None, max_examples=30)
@given(st.lists(st.integers(0, 5), max_size=8), st.integers(0, 3), st.integers(0, 2**32))
def test_batches_depend_on_seed_and_epoch_and_not_on_what_was_read(reads, epochs, seed):
    images = _numbered(23)
    fresh, used = _batches(images, seed=(seed, 1)), _batches(images, seed=(seed, 1))
    for _ in range(epochs):
        for index in reads:
            used[index]
        fresh.on_epoch_end()
        used.on_epoch_end()
    for index in reads:
        used[index]
    _assert_same(_epoch(fresh), _epoch(used))


def test_epochs_and_seeds_differ():
    images = _numbered(50)
    orders = [tuple(_batches(images, seed=seed).order) for seed in [(0, 0), (0, 1), (1, 0)]]
    later = _batches(images, seed=(0, 0))
    later.on_epoch_end()
    assert len({*orders, tuple(later.order)}) == 4


def test_flips_only_turn_images_over():
    images = _numbered(64)
    corners = images.pixels[0, ..., 1]
    turned = [corners, corners[:, ::-1], corners[::-1], corners[::-1, ::-1]]
    seen = set()
    for pictures, _, _ in _epoch(_batches(images)):
        for picture in pictures:
            seen |= {way for way, kind in enumerate(turned) if np.array_equal(picture[..., 1], kind)}
            assert any(np.array_equal(picture[..., 1], kind) for kind in turned)
    assert seen == {0, 1, 2, 3}


def test_flips_leave_the_images_themselves_alone():
    images = _numbered(16)
    before = images.pixels.copy()
    _epoch(_batches(images))
    np.testing.assert_array_equal(images.pixels, before)


def test_without_flips_images_come_as_they_are():
    images = _numbered(16)
    for batch in _epoch(_batches(images, flips=False)):
        np.testing.assert_array_equal(batch[0], images.pixels[_rows(batch)])


def test_labels_are_one_hot_and_weights_those_of_the_class():
    images = _numbered(20)
    for batch in _epoch(_batches(images)):
        labels = images.labels[_rows(batch)]
        assert batch[1].dtype == np.float32
        np.testing.assert_array_equal(batch[1].argmax(1), labels)
        np.testing.assert_array_equal(batch[1].sum(1), np.ones(len(labels)))
        np.testing.assert_array_equal(batch[2], labels + 1)


def test_batches_of_a_subset_hold_its_rows_only():
    part = _numbered(30).subset(np.arange(10, 17))
    rows = np.concatenate([_rows(batch) for batch in _epoch(_batches(part))])
    assert sorted(rows) == list(range(10, 17))


@pytest.mark.parametrize("batch_size", [1, 4, 10, 64])
def test_prediction_and_validation_keep_the_order(batch_size):
    images = _numbered(10)
    plain = _epoch(Batches(images, batch_size))
    array = _epoch(Batches(images.pixels, batch_size))
    labelled = _epoch(LabelledBatches(images, batch_size))
    _assert_same(plain, array)
    np.testing.assert_array_equal(np.concatenate([batch[0] for batch in plain]), images.pixels)
    np.testing.assert_array_equal(np.concatenate([batch[0] for batch in labelled]), images.pixels)
    np.testing.assert_array_equal(np.concatenate([batch[1] for batch in labelled]).argmax(1), images.labels)


@given(st.lists(st.integers(0, 3), min_size=4, max_size=50))
def test_balanced_weights_are_scikit_learns(labels):
    labels = np.array([0, 1, 2, 3, *labels])
    images = as_images(np.zeros((len(labels), 1, 1, 3), np.uint8), labels)
    weights = balanced_weights(images)
    assert weights.dtype == np.float32
    np.testing.assert_allclose(weights, compute_class_weight("balanced", classes=np.arange(4), y=labels), rtol=1e-6)
    np.testing.assert_allclose(weights[labels].mean(), 1, rtol=1e-5)


def test_a_class_without_images_gets_a_finite_weight():
    images = as_images(np.zeros((4, 1, 1, 3), np.uint8), [0, 0, 1, 1], ["a", "b", "c"], whole=False)
    assert np.isfinite(balanced_weights(images)).all()
