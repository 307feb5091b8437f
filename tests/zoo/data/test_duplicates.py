"""Exact duplicates, against a comparison of everything with everything, and as the reports found them."""

from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zoo.data import Images, Splits, as_images, digests, drop_duplicates, find_duplicates, load
from zoo.data.images import CHUNK
from zoo.datasets.smears import smears

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
def test_over_all_splits_a_picture_is_kept_once_where_it_counts_most_or_never_if_it_contradicts_itself(
    train, validation, test
):
    safe = [(100, 0), (101, 1), (102, 2)]
    splits = Splits(*(_images(*zip(*(part + safe_part), strict=True)) for part, safe_part in [
        (train, safe), (validation, [(110, 0)]), (test, [(111, 1)]),
    ]))  # fmt: skip
    clean, found = drop_duplicates(splits)
    copies = _copies_by_precedence(splits)
    kept = {picture: places[0] for picture, places in copies.items() if len({place[2] for place in places}) == 1}
    expected = {name: sorted(row for split, row, _ in kept.values() if split == name) for name, _ in splits.items()}
    assert {name: images.rows.tolist() for name, images in clean.items()} == expected
    assert list(found) == ["train", "validation", "test"]
    for name, images in splits.items():
        conflicting = [int(picture[0, 0, 0]) not in kept for picture in _taken(images)]
        assert found[name].conflicting.tolist() == conflicting
        assert not (found[name].repeated & found[name].conflicting).any()
        assert (~found[name].dropped).sum() == len(expected[name])


def _copies_by_precedence(splits):
    """(split, row, label) of every copy of every picture, the one to keep first."""
    copies = defaultdict(list)
    for name, images in reversed(splits.items()):
        for row, label in enumerate(images.labels.tolist()):
            copies[int(images.pixels[row, 0, 0, 0])].append((name, row, label))
    return copies


def _taken(images):
    return images.take(np.arange(len(images)))


def test_of_copies_with_one_label_test_keeps_one_before_validation_before_training():
    train, validation = _images([0, 1, 2, 3, 4, 4], [0, 1, 2, 0, 1, 1]), _images([3, 4, 4, 9], [0, 1, 1, 0])
    clean, found = drop_duplicates(Splits(train, validation, _images([4, 4], [1, 1])))
    assert found["train"].repeated.tolist() == [False, False, False, True, True, True]
    assert clean.validation.rows.tolist() == [0, 3]
    assert clean.test.rows.tolist() == [0]


def test_labels_that_contradict_each_other_in_different_splits_drop_the_picture_from_both():
    train = _images([0, 1, 2, 5, 6], [0, 1, 2, 2, 0])
    clean, found = drop_duplicates(Splits(train, _images([6, 7], [1, 0]), _images([5, 8], [0, 1])))
    assert found["train"].conflicting.tolist() == [False, False, False, True, True]
    assert {name: images.rows.tolist() for name, images in clean.items()} == {
        "train": [0, 1, 2],
        "validation": [1],
        "test": [1],
    }


def test_equal_digests_are_equal_pictures_however_they_lie_and_are_computed_once(blobs, monkeypatch):
    turned = np.ascontiguousarray(blobs.pixels.transpose(0, 3, 1, 2)).transpose(0, 2, 3, 1)
    keys = digests(Images(turned, blobs.labels, blobs.classes, blobs.origins))
    assert keys == digests(blobs)
    assert len(set(keys)) == len(blobs)
    assert digests(blobs.subset(np.array([7, 3]))) == [keys[7], keys[3]]
    monkeypatch.setattr(Images, "take", None)
    assert digests(blobs) == keys


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
    with pytest.raises(ValueError, match=r"class.*\bc\b"):
        drop_duplicates(Splits(images))


def test_images_to_score_may_lack_a_class_after_the_copies_are_gone():
    splits = Splits(_images([1, 1, 2, 3], [0, 1, 2, 2]))
    kept, found = drop_duplicates(splits, whole=False)
    assert kept.train.counts.tolist() == [0, 0, 2]
    assert found["train"].conflicting.sum() == 2


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


@pytest.mark.slow
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


def test_a_class_that_went_with_copies_under_several_labels_is_told_so():
    pixels = np.zeros((6, 8, 8, 3), np.uint8)
    pixels[4:] = np.arange(100, 102)[:, None, None, None]
    splits = load((pixels, ["a", "b", "a", "b", "c", "c"]))
    with pytest.raises(ValueError, match=r"none of a, b.*4.*several labels.*--keep-duplicates"):
        drop_duplicates(splits)


def test_a_class_that_went_with_copies_in_another_split_is_told_so():
    train, test = _images([1, 2, 3, 4], [0, 0, 1, 2]), _images([3, 5], [1, 0])
    with pytest.raises(ValueError, match=r"none of b is left, as 1 of them .* to test with.*--keep-duplicates"):
        drop_duplicates(Splits(train, test=test))
