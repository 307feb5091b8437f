"""Labelled images: shares without copies, and a fingerprint that sees every change."""

from dataclasses import replace

import numpy as np
import pytest

from zoo.data import Images, Splits, as_images


def test_what_a_set_tells_of_itself(blobs):
    assert len(blobs) == 96
    assert blobs.image_size == (16, 16)
    assert blobs.counts.tolist() == [32, 32, 32]


def test_a_subset_copies_no_pixel(blobs):
    part = blobs.subset(np.arange(0, 96, 2)).subset(np.array([3, 1]))
    assert part.pixels is blobs.pixels
    assert part.rows.tolist() == [6, 2]
    assert part.origins.tolist() == ["row 6", "row 2"]
    np.testing.assert_array_equal(part.take(np.array([0, 1])), blobs.pixels[[6, 2]])
    np.testing.assert_array_equal(part.labels, blobs.labels[[6, 2]])


def test_a_subset_keeps_its_groups(blobs):
    grouped = replace(blobs, groups=np.array([f"patient {row // 8}" for row in range(96)]))
    part = grouped.subset(np.array([0, 8, 95])).subset(np.array([2, 1]))
    assert part.groups.tolist() == ["patient 11", "patient 1"]
    assert grouped.fingerprint == blobs.fingerprint  # groups decide splits and intervals, and no weight


def test_a_mask_keeps_the_order(blobs):
    mask = blobs.labels == 1
    part = blobs.subset(mask)
    assert part.rows.tolist() == np.flatnonzero(mask).tolist()
    assert part.counts.tolist() == [0, 32, 0]


def test_what_is_taken_may_be_written_on(blobs):
    before = blobs.pixels.copy()
    blobs.take(np.arange(3))[:] = 0
    np.testing.assert_array_equal(blobs.pixels, before)


def test_equal_data_has_one_fingerprint_wherever_it_lies(blobs, tmp_path):
    rows = np.array([5, 3, 8])
    np.save(tmp_path / "pixels.npy", blobs.pixels)
    mapped = Images(np.load(tmp_path / "pixels.npy", mmap_mode="r"), blobs.labels, blobs.classes, blobs.origins)
    copied = Images(blobs.pixels[rows], blobs.labels[rows].astype(np.int32), blobs.classes, np.array(["", "", ""]))
    assert mapped.fingerprint == blobs.fingerprint
    assert blobs.subset(rows).fingerprint == copied.fingerprint
    assert len(blobs.fingerprint) == 16


def test_the_fingerprint_sees_pixels_labels_names_and_order(blobs):
    pixels, labels = blobs.pixels.copy(), blobs.labels.copy()
    pixels[95, 15, 15, 2] ^= 1
    labels[0] = 1
    others = [
        replace(blobs, pixels=pixels),
        replace(blobs, labels=labels),
        replace(blobs, classes=("red", "green", "azure")),
        replace(blobs, pixels=blobs.pixels.reshape(96, 8, 32, 3)),
        blobs.subset(np.arange(96)[::-1]),
        blobs.subset(np.arange(95)),
    ]
    assert len({images.fingerprint for images in (blobs, *others)}) == len(others) + 1


def test_the_fingerprint_reads_beyond_the_first_chunk():
    pixels, labels = np.zeros((3000, 2, 2, 3), np.uint8), np.arange(3000) % 2
    other = pixels.copy()
    other[2999] = 1
    pixels[0] = other[0] = 200
    assert as_images(pixels, labels).fingerprint != as_images(other, labels).fingerprint


@pytest.mark.parametrize(
    ("parts", "names", "scored"),
    [
        ((1,), ["train"], "train"),
        ((1, 1), ["train", "validation"], "validation"),
        ((1, 0, 1), ["train", "test"], "test"),
        ((1, 1, 1), ["train", "validation", "test"], "test"),
    ],
)
def test_splits_name_what_they_have_and_score_the_last(blobs, parts, names, scored):
    splits = Splits(*(blobs if part else None for part in parts))
    assert [name for name, _ in splits.items()] == names
    assert splits.to_score()[0] == scored
    assert splits.classes == blobs.classes
