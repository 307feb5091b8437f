"""Copies: exact ones as ``drop_duplicates`` sees them, near ones planted, others left alone."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from zoo.cleaning import Thresholds
from zoo.cleaning.all_splits import Stack
from zoo.cleaning.checks import find
from zoo.cleaning.likeness import Likeness
from zoo.cleaning.perceptual_hashes import patterns
from zoo.data import Splits, as_images, drop_duplicates, load
from zoo.data.images import Images

from .conftest import draw, images

pytestmark = pytest.mark.fits

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


def test_near_copies_under_several_labels_are_for_the_user_to_look_at(cells):
    squeezed = np.stack([_squeezed(cells.train.pixels[5]), _squeezed(cells.train.pixels[5], 98)])
    found = find(Splits(_added(cells.train, squeezed, [0, 2])), checks=["near"])
    assert found.counts == {"near": (3, 0)}
    assert {one.note for one in found} == {"3 copies, under red, blue"}


def test_of_near_copies_of_a_picture_under_several_labels_that_picture_goes(cells):
    planted = np.stack([cells.train.pixels[5], _squeezed(cells.train.pixels[5])])
    found = find(Splits(_added(cells.train, planted, [0, 2])), checks=["near", "exact"])
    assert found.counts == {"exact": (2, 2), "near": (3, 2)}
    assert {one.origin for one in found if one.decision == "keep"} == {"t151"}


def test_one_field_in_two_stains_is_no_copy():
    drawn = draw(60)
    found = find(images(np.concatenate([drawn, drawn[..., [1, 2, 0]]])), checks=["near"])
    assert len(found) == 0


def test_a_copy_is_found_behind_the_same_field_in_another_stain():
    drawn = draw(60)
    found = find(images(np.concatenate([drawn, drawn[:1][..., [1, 2, 0]], _squeezed(drawn[0])[None]])), checks=["near"])
    assert {one.origin for one in found} == {"0", "61"}


def _drifting(count):
    """Frames that fade from one picture into another."""
    first, last = draw(4, seed=7)[[0, 3]].astype(float)
    return np.stack([first + (last - first) * share for share in np.linspace(0, 1, count)]).round().astype(np.uint8)


def test_of_drifting_frames_all_that_go_are_near_one_that_stays():
    frames = _drifting(60)
    labels = np.r_[np.zeros(55, int), np.ones(5, int), np.arange(400) % 2]
    stack = Stack(Splits(images(np.concatenate([frames, draw(403)[3:]]), labels)))
    found = find(stack.splits, checks=["near"])
    likeness = Likeness(stack, patterns(stack, stack.firsts), Thresholds())
    dropped = [one.row for one in found if one.decision == "drop"]
    kept = {one.origin: one.row for one in found if one.decision == "keep"}
    assert len(found.of("near")) >= 55
    assert len({one.partner for one in found}) > 2
    for one in found:
        if one.decision == "drop":
            assert one.partner in kept
            assert likeness.alike(np.array([one.row]), np.array([kept[one.partner]])).all()
            assert stack.labels[one.row] == stack.labels[kept[one.partner]]
    assert 0 < len(dropped) < 60
    assert set(range(55, 60)) - set(dropped)


def test_a_picture_that_leaks_from_below_the_highest_split_is_found_there(cells):
    """A chain over three splits: the training image is near the validation image alone."""
    frames = _drifting(60)
    stack = Stack(Splits(images(np.concatenate([frames, draw(200)]))))
    likeness = Likeness(stack, patterns(stack, stack.firsts), Thresholds())
    reach = np.flatnonzero(likeness.alike(np.zeros(60, int), np.arange(60))).max()
    train = _added(cells.train, frames[[reach + 2]], [0])
    validation = _added(cells.validation, frames[[reach]], [0])
    test = images(np.concatenate([frames[:1], draw(60, seed=9)]), prefix="x")
    found = find(Splits(train, validation, test), checks=["leak"])
    assert {(one.origin, one.partner, one.decision) for one in found} == {
        ("x0", "v60", "keep"),
        ("v60", "x0", "drop"),
    }


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
    rows, others = np.arange(0, 1700, 60), np.arange(1, 1700, 2)
    pixels = np.concatenate([[_squeezed(picture, 30) for picture in cells.take(rows)], cells.take(others)])
    train = as_images(pixels, cells.labels[np.r_[rows, others]], cells.classes, whole=False)
    validation = cells.subset(np.arange(0, 1712, 2))
    found = find(Splits(train, validation), checks=["near", "leak"])
    assert found.counts == {"near": (0, 0), "leak": (2 * len(rows), len(rows))}
    assert {one.row: one.partner for one in found if one.split == "train"} == dict(enumerate(cells.origins[rows]))
