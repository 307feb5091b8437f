"""Exact duplicates, against a comparison of everything with everything, and as the reports found them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zoo.data import Images, Splits, as_images, drop_duplicates, find_duplicates, load
from zoo.data.images import CHUNK
from zoo.data.samples import smears

REPORTED_OUTLIERS = (1600, 200)


def _images(pictures, labels):
    """Images of which equal numbers are equal pictures."""
    pixels = np.repeat(np.asarray(pictures, np.uint8), 12).reshape(-1, 2, 2, 3)
    return Images(pixels, np.asarray(labels, np.int64), ("a", "b", "c"), np.array([""] * len(pixels)))


def _naive(images):
    count = len(images)
    same = [[np.array_equal(images.pixels[i], images.pixels[j]) for j in range(count)] for i in range(count)]
    conflicting = [any(same[i][j] and images.labels[i] != images.labels[j] for j in range(count)) for i in range(count)]
    repeated = [any(same[i][:i]) and not conflicting[i] for i in range(count)]
    return repeated, conflicting


rows = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 2)), max_size=30)


@settings(deadline=None)
@given(rows)
def test_duplicates_are_those_of_a_naive_search(rows):
    images = _images([picture for picture, _ in rows], [label for _, label in rows])
    found = find_duplicates(images)
    repeated, conflicting = _naive(images)
    assert found.repeated.tolist() == repeated
    assert found.conflicting.tolist() == conflicting
    assert found.dropped.tolist() == [one or other for one, other in zip(repeated, conflicting, strict=True)]


@settings(deadline=None)
@given(rows, rows, rows)
def test_clean_splits_hold_nothing_twice_and_training_nothing_of_the_others(train, validation, test):
    safe = [(100, 0), (101, 1), (102, 2)]
    splits = Splits(*(_images(*zip(*(part + safe_part), strict=True)) for part, safe_part in [
        (train, safe), (validation, [(110, 0)]), (test, [(111, 1)]),
    ]))  # fmt: skip
    clean, found = drop_duplicates(splits)
    pictures = {name: [int(picture[0, 0, 0]) for picture in _taken(images)] for name, images in clean.items()}
    for name, images in splits.items():
        assert len(set(pictures[name])) == len(pictures[name])
        assert len(clean.train if name == "train" else getattr(clean, name)) == (~found[name].dropped).sum()
        if name != "train":
            assert not set(pictures["train"]) & set(images.pixels[:, 0, 0, 0].tolist())
    assert not (found["train"].repeated & found["train"].conflicting).any()


def _taken(images):
    return images.take(np.arange(len(images)))


def test_training_loses_what_validation_or_test_hold_under_any_label():
    train = _images([0, 1, 2, 3, 4, 5], [0, 1, 2, 0, 1, 2])
    clean, found = drop_duplicates(Splits(train, _images([3, 4, 4, 9], [0, 0, 1, 0]), _images([5], [0])))
    assert found["train"].repeated.tolist() == [False, False, False, True, True, True]
    assert clean.train.labels.tolist() == [0, 1, 2]
    assert clean.validation.rows.tolist() == [0, 3]
    assert len(clean.test) == 1


def test_what_was_found_says_so_in_words():
    found = find_duplicates(_images([0, 0, 1, 1, 1, 2], [0, 1, 2, 2, 2, 0]))
    assert str(found) == "2 copies under conflicting labels, 2 repeated copies among 6 images"


def test_clean_images_stay_as_they_are(blobs):
    clean, found = drop_duplicates(Splits(blobs))
    assert not found["train"].dropped.any()
    assert clean.train.fingerprint == blobs.fingerprint
    assert clean.train.pixels is blobs.pixels


def test_copies_in_different_chunks_are_found():
    pixels = np.arange(CHUNK + 5, dtype=np.uint16).view(np.uint8).reshape(-1, 1, 2, 1).repeat(3, axis=-1)
    pixels[CHUNK + 3] = pixels[7]
    found = find_duplicates(as_images(pixels, np.zeros(len(pixels), int), ["a", "b"], whole=False))
    assert np.flatnonzero(found.repeated).tolist() == [CHUNK + 3]


def test_a_class_of_which_nothing_is_left_is_an_error():
    images = _images([0, 1, 2, 2, 3], [0, 1, 2, 0, 1])
    with pytest.raises(ValueError, match="Expected images of every class; none of c"):
        drop_duplicates(Splits(images))


def test_a_split_of_which_nothing_is_left_is_none():
    clean, found = drop_duplicates(Splits(_images([0, 1, 2], [0, 1, 2]), _images([5, 5], [0, 1])))
    assert clean.validation is None
    assert found["validation"].conflicting.all()


def test_cleaning_the_demo_drops_exactly_what_was_planted():
    sample = smears(200, 32, seed=4)
    splits = load(sample.images, sample.labels)
    clean, found = drop_duplicates(splits)
    np.testing.assert_array_equal(found["train"].conflicting, sample.planted)
    np.testing.assert_array_equal(found["train"].repeated, sample.repeated)
    assert len(clean.train) == 200


def _with_outliers(images, path, seed=0):
    """Save images and the reports' two planted pictures, shuffled; returns which rows were planted and the order."""
    random = np.random.default_rng(seed)
    outliers = random.integers(0, 256, (2, *images.pixels.shape[1:]), dtype=np.uint8)
    pixels = np.concatenate([_taken(images), np.repeat(outliers, REPORTED_OUTLIERS, axis=0)])
    labels = np.concatenate([images.labels, random.integers(0, len(images.classes), sum(REPORTED_OUTLIERS))])
    order = random.permutation(len(labels))
    np.savez(path, images=pixels[order], labels=labels[order, None])
    return order >= len(images), order


@pytest.mark.needs_shared
def test_the_outliers_of_the_reports_are_found_among_real_cells(shared, tmp_path):
    images = load(shared / "data" / "blood96" / "train").train
    assert len(images) == 11_959
    planted, order = _with_outliers(images, tmp_path / "training_set.npz")
    own = find_duplicates(images)
    found = drop_duplicates(load(tmp_path / "training_set.npz", classes=images.classes))[1]["train"]
    conflicting = np.concatenate([own.conflicting, np.ones(sum(REPORTED_OUTLIERS), bool)])
    np.testing.assert_array_equal(found.conflicting, conflicting[order])
    assert found.conflicting[planted].all()
    assert found.repeated.sum() == own.repeated.sum() > 0
