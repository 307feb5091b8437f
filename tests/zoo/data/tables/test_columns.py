"""Columns, found by their names or named."""

import logging
from pathlib import Path

import pytest

from zoo.data.tables.columns import Columns, find_columns, parse_columns
from zoo.data.tables.table import Table


def _table(**columns):
    count = len(next(iter(columns.values())))
    return Table(columns, "t.csv", [f"line {row + 2}" for row in range(count)], Path())


def _named(*names, cells=("x", "y")):
    return _table(**dict.fromkeys(names, cells))


@pytest.mark.parametrize(
    ("names", "image", "label"),
    [
        (("image", "label"), "image", "label"),
        (("Image_ID", "Label"), "Image_ID", "Label"),
        (("filename", "class"), "filename", "class"),
        (("id", "diagnosis"), "id", "diagnosis"),
        (("Path", "species"), "Path", "species"),
        (("File Name", "Class Name", "width"), "File Name", "Class Name"),
        (("id", "image", "target"), "image", "target"),
        (("class id", "filepaths", "labels", "data set"), "filepaths", "labels"),
        (("lesion_id", "image_id", "dx", "dx_type", "age"), "image_id", "dx"),
    ],
)
def test_columns_are_found_by_their_names(names, image, label):
    found = find_columns(_named(*names))
    assert (found.image, found.label) == (image, (label,))


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (("image", "file", "label"), ("image", "file", "--columns image=")),
        (("image", "label", "class"), ("label", "class", "--columns label=")),
        (("one", "label"), ("'one'", "--columns image=", "first line")),
        (("image", "one"), ("'one'", "--columns label=")),
        (("a/1.png", "cat"), ("a/1.png", "first line")),
    ],
)
def test_names_that_are_not_sure_are_refused(names, words, refused):
    with refused(*words):
        find_columns(_named(*names))


def test_columns_may_be_named(refused):
    table = _named("image", "file", "label", "one", "split", "patient", cells=("train", "test"))
    chosen = {"image": "file", "label": "one", "split": None, "group": "image"}
    expected = Columns(image="file", label=("one",), group="image")
    assert find_columns(table, chosen) == expected
    assert find_columns(table, "image=file, label=one,split=none,group=image") == expected
    with refused("'files'", "mean 'file'"):
        find_columns(table, {"image": "files"})


@pytest.mark.parametrize("given", ["image", "img=a", "", {"file": "a"}, "image=a,b"])
def test_other_words_for_columns_are_refused(given, refused):
    with refused("columns"):
        parse_columns(given)


def test_names_with_commas_are_quoted():
    assert parse_columns('"image=a, b",label=c,label=d') == {"image": ("a, b",), "label": ("c", "d")}


def test_splits_by_less_sure_names_are_told_by_their_words():
    assert find_columns(_named("image", "label", "data set", cells=("train", "valid"))).split == "data set"
    assert find_columns(_named("image", "label", "dataset", cells=("rosendahl", "test"))).split is None
    assert find_columns(_named("image", "label", "split", cells=("1", "2"))).split == "split"


def test_one_column_of_patients_is_groups_and_several_are_left_with_a_warning(caplog):
    assert find_columns(_named("image", "label", "Patient ID")).group == "Patient ID"
    assert find_columns(_named("image", "label", "group", "patient_id")).group == "group"
    with caplog.at_level(logging.WARNING, "zoo"):
        assert find_columns(_named("image", "label", "slide", "patient_id")).group is None
    assert "--columns group=" in caplog.text


def test_images_to_predict_need_no_labels():
    assert find_columns(_named("id"), labelled=False) == Columns(image="id")


@pytest.mark.parametrize("name", ["fold", "KFold", "fold_id"])
def test_a_column_of_folds_is_said_to_be_left(name, caplog):
    with caplog.at_level(logging.WARNING, "zoo"):
        find_columns(_named("id", "label", name))
    assert repr(name) in caplog.text
    assert "--folds" in caplog.text
    caplog.clear()
    find_columns(_named("id", "label", name), {"group": name})
    assert not caplog.text
