"""Every image is held out from one network, and its copies with it."""

import numpy as np
import pytest

from zoo.data import Splits, as_images
from zoo.members.held_out import folds_of, validation_of, without_each


@pytest.fixture
def data(blobs):
    return Splits(blobs.subset(np.arange(72)), blobs.subset(np.arange(72, 96)))


def test_every_image_is_held_out_once_and_every_fold_is_alike(data):
    held_out = folds_of(data, 4, seed=0)
    np.testing.assert_array_equal(np.sort(np.concatenate(held_out.parts)), np.arange(72))
    for rows in held_out.parts:
        np.testing.assert_array_equal(np.bincount(data.train.labels[rows]), [6, 6, 6])


def test_the_seed_decides(data):
    first, again, other = (folds_of(data, 3, seed=seed).parts for seed in (0, 0, 1))
    assert all(np.array_equal(one, two) for one, two in zip(first, again, strict=True))
    assert not all(np.array_equal(one, two) for one, two in zip(first, other, strict=True))


def test_no_network_learns_from_the_part_that_it_answers(data):
    held_out = folds_of(data, 3, seed=0)
    for rows, split in zip(held_out.parts, without_each(held_out, data), strict=True):
        held = set(held_out.images.subset(rows).digests)
        assert not held & set(split.train.digests)
        assert held | set(split.train.digests) == set(data.train.digests)
        assert split.validation is data.validation


def test_copies_of_a_picture_stay_in_one_fold(blobs):
    pixels = np.concatenate([blobs.pixels[:30], blobs.pixels[:30]])
    images = as_images(pixels, np.tile(blobs.labels[:30], 2), blobs.classes)
    for rows in folds_of(Splits(images), 3, seed=0).parts:
        assert set((rows + 30) % 60) == set(rows)


def test_logits_come_from_the_network_of_each_part(data):
    class Store:
        def logits(self, key, images):
            return np.full((len(images), 3), float(key))

    held_out = folds_of(data, 3, seed=0)
    answers = held_out.logits(["0", "1", "2"], Store())
    for number, rows in enumerate(held_out.parts):
        assert (answers[rows] == number).all()
    assert (validation_of(data).logits(["7"], Store()) == 7).all()


def test_mistakes_are_named(data, blobs):
    with pytest.raises(ValueError, match=r"folds.*1"):
        folds_of(data, 1, seed=0)
    few = Splits(blobs.subset(np.array([0, 1, 2, 3, 4])))
    with pytest.raises(ValueError, match=r"3 folds.*red \(2\)"):
        folds_of(few, 3, seed=0)


def test_groups_stay_in_one_fold_and_so_do_their_copies(blobs):
    pixels = np.concatenate([blobs.pixels[:48], blobs.pixels[:1]])
    groups = np.append(np.arange(48) // 4, 99)  # the last image is a copy from group 0, in a group of its own
    images = as_images(pixels, np.append(blobs.labels[:48], blobs.labels[0]), blobs.classes, groups=groups)
    parts = folds_of(Splits(images), 3, seed=0).parts
    held = [set(groups[rows].tolist()) for rows in parts]
    assert sum(map(len, held)) == 13
    assert any({0, 99} <= own for own in held)


def test_too_few_groups_for_the_folds_are_named(blobs):
    images = as_images(blobs.pixels[:24], blobs.labels[:24], blobs.classes, groups=blobs.labels[:24])
    with pytest.raises(ValueError, match=r"3 different groups.*red \(1\)"):
        folds_of(Splits(images), 3, seed=0)
