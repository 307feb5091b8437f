"""zoo/data/tables/split_flags.py: columns of True and False that tell the splits."""

import logging
from pathlib import Path

import pytest

from zoo.data.tables.columns import find_columns
from zoo.data.tables.split_flags import splits_by
from zoo.data.tables.table import Table


def _table(**columns):
    count = len(next(iter(columns.values())))
    return Table(columns, "t.csv", [f"line {row + 2}" for row in range(count)], Path())


def _flags(*names, cells=("True", "False")):
    return find_columns(_table(image=("a", "b"), label=("x", "y"), **dict.fromkeys(names, cells)))


@pytest.mark.parametrize(
    ("name", "split"),
    [("is_valid", "validation"), ("Is Val", "validation"), ("isTest", "test"), ("is_training_image", "train")],
)
def test_flags_are_found_by_their_names(name, split):
    assert _flags(name).flags == {name: split}


def test_a_flag_is_no_class(caplog):
    table = _table(image=("a", "b"), cat=("1", "0"), dog=("0", "1"), is_valid=("0", "1"))
    found = find_columns(table)
    assert (found.label, found.flags) == (("cat", "dog"), {"is_valid": "validation"})


def test_words_of_splits_are_read_as_such_under_the_name_of_a_flag():
    table = _table(image=("a", "b"), label=("x", "y"), is_valid=("train", "valid"))
    found = find_columns(table, {"split": "is_valid"})
    assert (found.split, found.flags) == ("is_valid", {})


def test_the_user_may_choose_or_leave_them_out():
    table = _table(image=("a", "b"), label=("x", "y"), split=("train", "test"), is_valid=("1", "0"), is_test=("0", "1"))
    assert find_columns(table, {"split": "split"}).flags == {}
    assert find_columns(table, "split=is_valid,split=is_test").flags == {"is_valid": "validation", "is_test": "test"}
    left = find_columns(table, "split=none")
    assert (left.split, left.flags) == (None, {})


@pytest.mark.parametrize("names", [("split", "is_valid"), ("is_valid", "is_val")])
def test_two_ways_to_tell_a_split_are_refused(names, refused):
    with refused(*map(repr, names), "--columns split="):
        _flags(*names)


@pytest.mark.parametrize(
    ("columns", "splits"),
    [
        ({"is_valid": ("True", "False", "FALSE")}, ["validation", "train", "train"]),
        ({"is_valid": (True, False, False)}, ["validation", "train", "train"]),
        ({"is_valid": (1.0, 0.0, 0.0)}, ["validation", "train", "train"]),
        ({"is_test": ("no", "Y", "0")}, ["train", "test", "train"]),
        ({"is_valid": ("1", "0", "0"), "is_test": ("0", "0", "1")}, ["validation", "train", "test"]),
        ({"is_train": ("1", "0", "1"), "is_test": ("0", "1", "0")}, ["train", "test", "train"]),
        ({"is_train": ("1", "1", "1")}, ["train"] * 3),
    ],
)
def test_what_is_true_is_the_split_and_the_rest_is_for_training(columns, splits):
    table = _table(**columns)
    flags = find_columns(_table(image=("a",) * 3, label=("x",) * 3, **columns)).flags
    assert splits_by(table, flags) == splits


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        ({"is_valid": ("True", "", "maybe")}, ("True or False", "line 3, line 4")),
        ({"is_valid": ("1", "0", "0"), "is_test": ("1", "0", "1")}, ("line 2", "validation and test")),
        ({"is_train": ("1", "0", "1")}, ("line 3", "of none", "column `split`")),
    ],
)
def test_what_may_be_several_splits_or_none_is_refused(columns, told, refused):
    flags = find_columns(_table(image=("a",) * 3, label=("x",) * 3, **columns)).flags
    with refused(*told, "--columns split=none"):
        splits_by(_table(**columns), flags)


@pytest.mark.parametrize(("cells", "warned"), [(("1", "1", "0"), True), (("1", "0", "0"), False)])
def test_most_rows_held_out_are_warned_of(cells, warned, caplog):
    with caplog.at_level(logging.WARNING, "zoo"):
        splits_by(_table(is_valid=cells), {"is_valid": "validation"})
    assert ("1 of 3 rows" in caplog.text and "--columns split=none" in caplog.text) == warned
