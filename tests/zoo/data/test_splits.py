"""Splits: every row once, every class in its share, and nothing that the seed does not decide."""

import re
import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zoo.data import Splits, as_images, limit, split
from zoo.data.group_splits import deal_groups
from zoo.data.splits import hold_out

REPORTED = (852, 2181, 1085, 2026, 849, 993, 2330, 1643)


def _labelled(counts, seed=0):
    labels = np.random.default_rng(seed).permutation(np.repeat(np.arange(len(counts)), counts))
    names = [f"class {label}" for label in range(len(counts))]
    return as_images(_pixels(np.arange(len(labels))), labels, names, whole=False)


def _pixels(pictures):
    """A small picture for each number."""
    return np.repeat(np.asarray(pictures, np.int64), 3).view(np.uint8).reshape(-1, 1, 8, 3)


def _copied(pictures, labels):
    """Images of which equal numbers are equal pictures."""
    return as_images(_pixels(pictures), np.asarray(labels), ["a", "b", "c"], whole=False)


def _rows(splits):
    return {name: images.rows.tolist() for name, images in splits.items()}


many = st.lists(st.integers(3, 200), min_size=2, max_size=9)
percents = st.tuples(st.integers(0, 60), st.integers(0, 39))


@settings(deadline=None)
@given(many, percents, st.integers(0, 2**32))
def test_every_row_comes_once_and_every_class_in_its_share(counts, percents, seed):
    images, (validation, test) = _labelled(counts), np.array(percents) / 100
    shares = {"train": 1 - validation - test, "validation": validation, "test": test}
    if any(share > 0 and round(len(images) * share) < len(counts) for share in shares.values()):
        return
    splits = split(images, validation=validation, test=test, seed=seed)
    rows = _rows(splits)
    assert sorted(row for part in rows.values() for row in part) == list(range(len(images)))
    for name, part in splits.items():
        assert (np.abs(part.counts - np.array(counts) * shares[name]) <= 1 + 1e-6).all()
        if min(counts) * shares["train"] >= 1:
            assert abs(len(part) - len(images) * shares[name]) < 2 + 1e-6
        np.testing.assert_array_equal(part.labels, images.labels[rows[name]])
    assert splits.train.counts.min() > 0


@given(many, st.integers(0, 2**32), st.integers(0, 2**32))
@settings(deadline=None, max_examples=40)
def test_the_seed_decides(counts, one, other):
    images = _labelled([count + 20 for count in counts])
    first, second = (_rows(split(images, validation=0.3, seed=seed)) for seed in (one, one))
    assert first == second
    assert (first == _rows(split(images, validation=0.3, seed=other))) == (one == other)


def test_the_second_reports_shares():
    splits = split(_labelled(REPORTED), validation=0.08, test=0.2)
    assert {name: len(images) for name, images in splits.items()} == {"train": 8610, "validation": 957, "test": 2392}


@pytest.mark.parametrize("share", [0.07, 0.29, 0.57])
def test_shares_that_floats_miss_by_a_hair_are_met(share):
    splits = split(_labelled([100, 200]), validation=share)
    np.testing.assert_array_equal(splits.validation.counts, np.rint([100 * share, 200 * share]))


def test_a_share_of_nothing_is_no_split():
    splits = split(_labelled([10, 10]), validation=0, test=0.2)
    assert splits.validation is None
    assert len(splits.test) == 4


def test_no_pixel_is_copied_and_rows_keep_their_order():
    images = _labelled([10, 20])
    for _, part in split(images, test=0.2).items():
        assert part.pixels is images.pixels
        assert (np.diff(part.rows) > 0).all()


@pytest.mark.parametrize("shares", [(-0.1, 0.2), (0.2, -0.1), (0.5, 0.5), (1, 0), (0.7, 0.6), (float("nan"), 0)])
def test_shares_that_leave_nothing_are_refused(shares):
    with pytest.raises(ValueError, match=rf"shares.*{shares[0]}.*{shares[1]}"):
        split(_labelled([10, 10]), validation=shares[0], test=shares[1])


def test_a_class_with_fewer_images_than_splits_is_refused():
    with pytest.raises(ValueError, match=r"3 images of every class.* 1.*2"):
        split(_labelled([50, 2]), validation=0.2, test=0.2)
    assert len(split(_labelled([50, 2]), validation=0.2).validation) == 11


def test_a_share_smaller_than_the_classes_is_refused():
    with pytest.raises(ValueError, match=r"10%.*validation.*3 classes.*15.*larger"):
        split(_labelled([5, 5, 5]), validation=0.1)


@settings(deadline=None)
@given(many, st.data())
def test_a_limit_is_met_exactly_and_keeps_every_class(counts, data):
    images = _labelled(counts)
    count = data.draw(st.integers(len(counts), len(images)))
    part = limit(images, count, seed=1)
    assert len(part) == count
    assert part.counts.min() > 0
    assert (part.counts <= images.counts).all()
    if (np.array(counts) * count / len(images)).min() >= 1:
        assert (np.abs(part.counts - np.array(counts) * count / len(images)) <= 1).all()


def test_a_limit_is_seeded():
    images = _labelled([50, 70])
    first, same, other = (limit(images, 30, seed=seed).rows.tolist() for seed in (0, 0, 1))
    assert first == same != other


@pytest.mark.parametrize("count", [None, 30, 1000])
def test_a_limit_beyond_what_there_is_changes_nothing(count):
    images = _labelled([10, 20])
    assert limit(images, count) is images


def test_a_limit_below_the_classes_is_refused():
    with pytest.raises(ValueError, match=r"3 classes.*limit.*2"):
        limit(_labelled([5, 5, 5]), 2)


def test_validation_is_held_out_where_there_is_none_and_it_is_said(blobs, caplog):
    caplog.set_level("INFO", "zoo.data")
    splits = hold_out(Splits(blobs), seed=3)
    assert (len(splits.train), len(splits.validation)) == (76, 20)
    assert re.search("20 of 96.*seed 3", caplog.text)


copied = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 2)), max_size=80)


@settings(deadline=None)
@given(copied, st.integers(5, 60), st.integers(0, 2**32))
def test_copies_of_a_picture_are_held_out_together(copies, alone, seed):
    pictures = [picture for picture, _ in copies] + list(range(100, 100 + 3 * alone))
    images = _copied(pictures, [label for _, label in copies] + [number % 3 for number in range(3 * alone)])
    splits, again = (hold_out(Splits(images), seed=seed) for _ in range(2))
    assert not set(splits.train.digests) & set(splits.validation.digests)
    assert _rows(splits) == _rows(again)
    assert sorted(row for part in _rows(splits).values() for row in part) == list(range(len(images)))
    by_rows = split(images, seed=seed).validation.counts
    short = by_rows - splits.validation.counts
    assert (short[by_rows <= alone] == 0).all()
    assert (short >= 0).all()


def test_where_no_picture_comes_twice_what_a_split_draws_is_held_out():
    images = _copied(range(90), np.arange(90) % 3)
    assert _rows(hold_out(Splits(images), seed=5)) == _rows(split(images, seed=5))


@pytest.mark.parametrize("seed", range(3))
def test_copies_of_a_picture_are_dealt_together(seed):
    random = np.random.default_rng(seed)
    pixels = random.integers(0, 256, (40, 4, 4, 3), np.uint8)
    images = as_images(np.concatenate([pixels, pixels[:20]]), np.tile(np.arange(20) % 2, 3))
    parts = split(images, validation=0.25, test=0.25, seed=seed)
    held = [set(part.digests) for _, part in parts.items()]
    assert sum(map(len, held)) == len(set.union(*held)) == 40
    assert [len(part) for _, part in parts.items()] == pytest.approx([30, 15, 15], abs=2)


def test_copies_of_one_picture_alone_are_refused():
    images = _copied([0] * 30, [0, 1, 2] * 10)
    with pytest.raises(ValueError, match=r"validation.*30 images"):
        hold_out(Splits(images))


def test_a_picture_with_more_copies_than_there_is_room_for_stays_in_training():
    images = _copied([*range(90), *[99] * 60], [*np.arange(90) % 3, *[0] * 60])
    splits = hold_out(Splits(images))
    assert splits.validation.counts.tolist() == [18, 6, 6]
    assert set(range(90, 150)) <= set(splits.train.rows.tolist())


@pytest.mark.parametrize("share", [0, 1, 1.5])
def test_a_share_that_holds_nothing_or_all_out_is_refused(share, blobs):
    with pytest.raises(ValueError, match=r"3 classes.*96"):
        hold_out(Splits(blobs), share=share)


def test_validation_images_that_are_trained_on_are_told_of(blobs, caplog):
    validation = blobs.subset(np.arange(40, 60))
    for sources in ((Splits(blobs), Splits(validation)), (Splits(blobs, validation),)):
        assert hold_out(*sources).validation is validation
        (record,) = caplog.records
        assert re.search("20 of 20 validation images.*drop_duplicates", record.getMessage())
        assert record.levelname == "WARNING"
        caplog.clear()


def test_nothing_is_told_where_validation_images_are_new(blobs, caplog):
    hold_out(split(blobs, validation=0.2))
    hold_out(Splits(blobs))
    assert not [record for record in caplog.records if record.levelname == "WARNING"]


def test_validation_that_is_there_is_used(blobs):
    own = split(blobs, test=0.2)
    assert hold_out(own) is own
    other = hold_out(own, Splits(blobs))
    assert other.validation is blobs
    assert other.test is own.test


def test_a_test_split_stays_while_validation_is_held_out(blobs):
    parts = split(blobs, validation=0, test=0.2)
    splits = hold_out(parts)
    assert splits.test is parts.test
    assert len(splits.train) + len(splits.validation) == len(parts.train)


def test_validation_of_other_classes_or_sizes_is_refused(blobs):
    named = as_images(blobs.pixels, blobs.labels, ("a", "b", "c"))
    with pytest.raises(ValueError, match=r"red, green, blue.*a, b, c"):
        hold_out(Splits(blobs), Splits(named))
    small = as_images(blobs.pixels[:, :8], blobs.labels, blobs.classes)
    with pytest.raises(ValueError, match=r"validation.*\(16, 16\).*\(8, 16\)"):
        hold_out(Splits(blobs), Splits(small))


def test_of_a_source_with_splits_its_validation_split_validates(blobs):
    parts = split(blobs, validation=0.2, test=0.2)
    assert hold_out(Splits(blobs), parts).validation is parts.validation
    with pytest.raises(ValueError, match=r"validation images.*train.*test"):
        hold_out(Splits(blobs), Splits(parts.train, test=parts.test))


def test_many_classes_take_no_memory_for_each_image(monkeypatch):
    monkeypatch.setattr("zoo.data.group_splits.MOST_STEPS", 1)
    images = _copied(np.arange(3000), np.arange(3000) % 3)
    labels, classes = np.arange(3000) % 500, tuple(map(str, range(500)))
    images = replace(images, labels=labels, classes=classes, groups=np.arange(3000) // 2)
    tracemalloc.start()
    dealt = deal_groups(images, np.tile([4, 2], (500, 1)), ("train", "test"), 0)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert sorted(np.concatenate(dealt)) == list(range(3000))
    assert peak < 1500 * 500 * 8 / 2  # half of what a table of all units and classes takes
