"""Copies: exact ones as ``drop_duplicates`` sees them, near ones planted, others left alone."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from zoo.data import Splits, as_images, drop_duplicates, load
from zoo.data.clean import find
from zoo.data.images import Images

from .conftest import draw, images

COPIES = ("exact", "near", "leak")
rows = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 2)), max_size=20)


def _squeezed(picture, quality=95):
    """Shrink to three quarters, save as JPEG, and enlarge again."""
    height, width = picture.shape[:2]
    buffer = io.BytesIO()
    Image.fromarray(picture).resize((width * 3 // 4, height * 3 // 4)).save(buffer, "JPEG", quality=quality)
    return np.asarray(Image.open(buffer).resize((width, height)))


def _added(part, pictures, labels):
    """A split with more pictures at its end."""
    pixels = np.concatenate([part.take(np.arange(len(part))), pictures])
    return images(pixels, np.concatenate([part.labels, labels]), prefix=part.origins[0][0])


def _plain(pictures_and_labels):
    """Images of which equal numbers are equal pictures."""
    pictures, labels = [picture for picture, _ in pictures_and_labels], [label for _, label in pictures_and_labels]
    pixels = np.repeat(np.asarray(pictures, np.uint8), 12).reshape(-1, 2, 2, 3)
    return Images(pixels, np.asarray(labels, np.int64), ("a", "b", "c"), np.array([""] * len(pixels)))


def test_different_pictures_are_no_copies(cells):
    assert find(cells, checks=COPIES).counts == {"exact": (0, 0), "near": (0, 0), "leak": (0, 0)}


@settings(deadline=None)
@given(rows, rows, rows)
def test_exact_copies_are_decided_as_drop_duplicates_does(train, validation, test):
    safe = [(100, 0), (101, 1), (102, 2)]
    splits = Splits(_plain(train + safe), _plain([*validation, (110, 0)]), _plain([*test, (111, 1)]))
    found = find(splits, checks=["exact"])
    for name, duplicates in drop_duplicates(splits)[1].items():
        dropped = {one.row for one in found if one.split == name and one.decision == "drop"}
        assert dropped == set(np.flatnonzero(duplicates.dropped).tolist())


def test_a_resized_and_compressed_copy_in_the_same_split_is_near(cells):
    squeezed = _squeezed(cells.train.pixels[5])
    found = find(Splits(_added(cells.train, squeezed[None], [2]), cells.validation), checks=COPIES)
    first, second = found.of("near")
    assert len(found) == 2
    assert (first.origin, first.decision, first.partner) == ("t5", "keep", "t150")
    assert (second.origin, second.decision, second.partner) == ("t150", "drop", "t5")
    assert first.group == second.group
    assert 0.9 < first.score == pytest.approx(second.score)


@pytest.mark.parametrize("turn", [np.rot90, lambda p: p[::-1], lambda p: np.rot90(p[:, ::-1], 3)])
def test_turned_copies_in_another_split_are_leaks_and_go_from_training(cells, turn):
    leaked = np.stack([_squeezed(turn(cells.validation.pixels[row])) for row in (0, 3)])
    found = find(Splits(_added(cells.train, leaked, [0, 0]), cells.validation), checks=COPIES)
    assert found.counts == {"exact": (0, 0), "near": (0, 0), "leak": (4, 2)}
    decisions = {one.origin: (one.split, one.decision, one.partner) for one in found}
    assert decisions == {
        "t150": ("train", "drop", "v0"),
        "t151": ("train", "drop", "v3"),
        "v0": ("validation", "keep", "t150"),
        "v3": ("validation", "keep", "t151"),
    }


def test_an_exact_copy_in_another_split_is_exact_and_a_leak(cells):
    found = find(Splits(_added(cells.train, cells.validation.pixels[:1], [0]), cells.validation), checks=COPIES)
    assert found.counts == {"exact": (2, 1), "near": (0, 0), "leak": (2, 1)}
    assert [one.score for one in found] == [2, 2, pytest.approx(1), pytest.approx(1)]
    assert {one.decision for one in found if one.split == "validation"} == {"keep"}


def test_copies_under_several_labels_all_go(cells):
    squeezed = np.stack([_squeezed(cells.train.pixels[5]), _squeezed(cells.train.pixels[5], 98)])
    found = find(Splits(_added(cells.train, squeezed, [0, 2])), checks=["near"])
    assert found.counts == {"near": (3, 3)}
    assert {one.note for one in found} == {"3 copies, under red, blue"}


def test_copies_in_another_light_are_copies_and_pictures_with_the_same_frame_are_not():
    drawn = draw(60)
    drawn[:, :4], drawn[:, -4:] = (10, 20, 200), (200, 20, 10)
    darker = (drawn[7] * np.array([0.7, 0.8, 0.9])).astype(np.uint8)
    found = find(images(np.concatenate([drawn, darker[None]])), checks=COPIES)
    assert {one.origin for one in found} == {"7", "60"}


@pytest.mark.parametrize("height", [36, 40])
def test_sixteen_hundred_copies_are_one_group(height):
    drawn = draw(90, side=40)[:, :height]
    found = find(images(np.concatenate([drawn, np.repeat(drawn[:1], 1600, axis=0)])), checks=COPIES)
    assert found.counts["exact"] == (1601, 1601)
    assert {one.group for one in found} == {0}


@pytest.mark.needs_shared
def test_among_real_cells_compressed_copies_are_found_and_nothing_else_is(shared):
    cells = load(shared / "data" / "blood96" / "val").train
    rows = np.arange(0, 1700, 60)
    leaked = np.stack([_squeezed(picture, 30) for picture in cells.take(rows)])
    train = as_images(leaked, cells.labels[rows], cells.classes, origins=rows.astype(str), whole=False)
    found = find(Splits(train, cells), checks=["near", "leak"])
    assert found.counts == {"near": (0, 0), "leak": (2 * len(rows), len(rows))}
    assert [one.partner for one in found if one.split == "train"] == cells.origins[rows].tolist()
