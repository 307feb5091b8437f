"""Groups stay whole: read from paths, joined with copies, in splits, and told where they lie on both sides."""

import logging
from dataclasses import replace

import numpy as np
import pandas
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from zoo.cleaning import find
from zoo.data import Images, Splits, as_images, load, split
from zoo.data.groups import groups_of_files, units
from zoo.data.splits import hold_out

pytestmark = pytest.mark.fits


def grouped(groups, labels, pictures=None):
    """Images of different pictures, or of the numbered ones, in groups."""
    pictures = np.arange(len(groups)) if pictures is None else np.asarray(pictures)
    pixels = np.repeat(pictures.astype(np.int64), 3).view(np.uint8).reshape(-1, 1, 8, 3)
    return as_images(
        pixels, np.asarray(labels), ["a", "b", "c"][: max(labels) + 1], groups=np.asarray(groups), whole=False
    )


def sides(splits):
    return [set(images.groups.tolist()) for _, images in splits.items()]


def test_both_unicode_forms_of_a_name_are_one_group():
    names = ["Jos\u00e9 1", "Jose\u0301 1", "Jos\u00e9 2", "Jose\u0301 2"]
    assert units(grouped(names * 2, [0, 1] * 4)).tolist() == [0, 0, 1, 1] * 2
    assert len(set(groups_of_files([f"{name}/a.png" for name in names], "(.*)/").tolist())) == 2


def test_groups_are_read_from_paths(tmp_path):
    for number in range(12):
        path = tmp_path / ("cat" if number % 2 else "dog") / f"p{number // 4}_{number}.png"
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(np.full((4, 4, 3), number, np.uint8)).save(path)
    images = load(tmp_path, group_from=r"/(p\d)_").train
    assert sorted(set(images.groups.tolist())) == ["p0", "p1", "p2"]
    assert all(f"/{group}_" in f"/{origin}" for group, origin in zip(images.groups, images.origins, strict=True))
    assert load(images, group_from=r"p\d").train.groups.tolist() == images.groups.tolist()


def test_the_first_bracket_or_the_whole_match_is_the_group():
    files = ["x/p1-a.png", "x/p22-b.png"]
    assert groups_of_files(files, r"p(\d+)-(\w)").tolist() == ["1", "22"]
    assert groups_of_files(files, r"p\d+").tolist() == ["p1", "p22"]


def test_files_that_do_not_match_are_named():
    with pytest.raises(ValueError, match=r"--group-from.*2 of 3.*y/q\.png"):
        groups_of_files(["x/p1.png", "y/q.png", "z.png"], r"p(\d)")
    with pytest.raises(ValueError, match="1 of 2"):
        groups_of_files(["p1", "q"], r"p(\d)|q")  # the bracket took no part
    with pytest.raises(ValueError, match="regular expression"):
        groups_of_files(["a"], "(")


def test_arrays_have_no_paths(blobs):
    with pytest.raises(ValueError, match=r"array.*groups="):
        load(blobs, group_from=r"\d+")


@pytest.mark.parametrize("groups", [[1, 2], [[1, 2, 3]]])
def test_groups_are_one_an_image(groups):
    with pytest.raises(ValueError, match="groups"):
        as_images(np.zeros((3, 4, 4, 3), np.uint8), [0, 1, 1], groups=groups)


def test_units_join_groups_with_copies():
    """Groups x and y share a picture, so that they are one unit with it; z is another."""
    images = grouped(["x", "y", "z", "x", "z"], [0, 1, 0, 1, 1], [7, 7, 8, 9, 10])
    assert units(images).tolist() == [0, 0, 1, 0, 1]
    assert units(replace(images, groups=None)).tolist() == [0, 0, 1, 2, 3]


many = st.lists(st.tuples(st.integers(1, 9), st.integers(0, 2)), min_size=30, max_size=60)


@settings(deadline=None, max_examples=25)
@given(many, st.integers(0, 99))
def test_no_group_is_divided_and_classes_keep_their_shares(sizes, seed):
    sizes = [*sizes, *((5, label) for label in (0, 1, 2) * 5)]
    groups = np.repeat(np.arange(len(sizes)), [size for size, _ in sizes])
    images = grouped(groups, np.repeat([label for _, label in sizes], [size for size, _ in sizes]))
    for splits in (split(images, validation=0.2, test=0.2, seed=seed), hold_out(Splits(images), seed=seed)):
        parts = sides(splits)
        assert sum(map(len, parts)) == len(sizes) == len(set().union(*parts))
        for name, part in splits.items():
            share = 0.2 if name != "train" else 0.6 if splits.test else 0.8
            assert (abs(part.counts - share * images.counts) <= np.maximum(6, 0.15 * images.counts)).all()


def test_groups_of_several_classes_stay_whole_and_the_seed_decides():
    groups, labels = np.arange(200) // 10, np.arange(200) % 3
    images = grouped(groups, labels)
    first, again, other = (split(images, validation=0.25, seed=seed) for seed in (0, 0, 1))
    assert not set.intersection(*sides(first))
    assert sides(first) == sides(again) != sides(other)
    assert len(first.validation) == 50


def test_copies_follow_their_groups():
    images = grouped(np.arange(40), np.arange(40) % 2, np.arange(40) // 4 * 4 + np.arange(40) % 2)
    splits = split(images, validation=0.3)
    assert not set(splits.train.digests) & set(splits.validation.digests)


def test_classes_of_too_few_groups_are_named():
    groups = ["p", "p", "p", *range(20)]
    images = grouped(groups, [0, 0, 0, *([1, 2] * 10)])
    for divide in (lambda: split(images, validation=0.2), lambda: hold_out(Splits(images))):
        with pytest.raises(ValueError, match=r"2 groups of every class.*a \(1\)"):
            divide()


def test_groups_that_tie_classes_together_are_refused():
    """Both classes lie in two groups, of which one has to train: nothing is left of c for either side."""
    images = grouped(["p"] * 4 + ["q"] * 4 + ["r"] * 4, [0, 0, 1, 1, 0, 0, 2, 2, 1, 1, 2, 2])
    with pytest.raises(ValueError, match=r"every class.*in validation"):
        split(images, validation=0.34)


def test_groups_on_both_sides_are_told(caplog):
    images = grouped(np.arange(24) // 4, np.arange(24) % 2)
    parts = Splits(images.subset(np.arange(10)), images.subset(np.arange(10, 18)), images.subset(np.arange(14, 24)))
    with caplog.at_level(logging.WARNING):
        hold_out(parts)
    text = caplog.text
    assert "1 of 3 groups of validation lie in train too (2)" in text
    assert "groups of test lie in validation too" in text
    assert "4 of 10 test images lie in validation too" in text
    assert "of test lie in train" not in text


@pytest.mark.parametrize(("own", "others"), [([1.0, np.nan, 2.0], [1, 2, 3]), (["1", "2", "2"], [2, 3, 3])])
def test_a_number_and_its_text_are_one_group(own, others, caplog):
    pictures = np.arange(20, 26)
    train, validation = grouped(own, [0, 1, 0], pictures[:3]), grouped(others, [0, 1, 0], pictures[3:])
    hold_out(Splits(train), Splits(validation))
    assert "groups of validation lie in train too" in caplog.text
    assert "group" in {finding.check for finding in find(Splits(train, validation), checks=["group"])}


def test_images_without_a_group_are_no_group_of_two_splits(caplog):
    train = grouped(["p", None, ""], [0, 1, 0], [4, 5, 6])
    validation = grouped(["q", None, "nan"], [0, 1, 0], [7, 8, 9])
    assert len({*train.groups, *validation.groups}) == 6
    hold_out(Splits(train), Splits(validation))
    assert "lie in train too" not in caplog.text
    assert not find(Splits(train, validation), checks=["group"])


def test_without_groups_nothing_is_said(caplog, blobs):
    with caplog.at_level(logging.WARNING):
        assert isinstance(hold_out(Splits(blobs)).train, Images)
    assert not caplog.records


@pytest.mark.parametrize("missing", [None, np.nan, pandas.NA, pandas.NaT], ids=str)
def test_images_without_a_group_are_one_each_and_counted(missing, caplog):
    own = np.array([1.0, missing, 1.0, missing, 2.0], float if isinstance(missing, float) else object)
    with caplog.at_level(logging.WARNING, "zoo"):
        images = grouped(own, [0, 1, 0, 1, 0])
    assert "2 images have no group" in caplog.text
    assert len(set(images.groups.tolist())) == 4
    assert images.groups[0] == images.groups[2]
