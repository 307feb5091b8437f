"""One column for each class: recognised, read, and what is wrong told."""

from pathlib import Path

import pytest

from zoo.data.tables.columns import find_columns
from zoo.data.tables.one_hot import one_hot_columns, one_hot_labels, why_not_one_hot
from zoo.data.tables.table import Table


def _table(**columns):
    count = len(next(iter(columns.values())))
    return Table(columns, "t.csv", [f"line {row + 2}" for row in range(count)], Path())


def test_one_column_a_class_is_recognised_where_each_row_has_one():
    ones = {"MEL": ["1.0", "0.0"], "NV": ["0.0", "1.0"], "BCC": ["0.0", "0.0"]}
    assert find_columns(_table(image=["a", "b"], **ones)).label == ("MEL", "NV", "BCC")
    others = {"": ["0", "1"], "patient_id": ["1", "0"]}
    assert find_columns(_table(id_code=["a", "b"], **others, **ones)).label == ("MEL", "NV", "BCC")


@pytest.mark.parametrize("second", [["0", "1", "1"], ["0", "1", "0"], ["0", "1", "x"]])
def test_columns_that_are_not_one_hot_are_no_labels(second, refused):
    with refused("single 1", "'first', 'second'"):
        find_columns(_table(image=["a", "b", "c"], first=["1", "0", "1" if second[2] == "1" else "0"], second=second))


@pytest.mark.parametrize(
    ("dog", "others", "words"),
    [
        (("1", "1", "1"), {}, ("1 row", "line 2", "label=cat,label=dog")),
        (("0", "0", "0"), {}, ("2 rows", "line 3")),
        (("0", "1", "1"), {"age": ("3", "4", "5")}, ("'age'", "--columns label=cat,label=dog")),
    ],
)
def test_what_keeps_columns_from_being_classes_is_said(dog, others, words, refused):
    with refused(*words):
        find_columns(_table(id=("a", "b", "c"), cat=("1", "0", "0"), dog=dog, **others))


def test_the_column_of_the_one_is_the_label(refused):
    table = _table(cat=["1", "0.0", ""], dog=["0", "1.0", "1"])
    assert one_hot_labels(table, ["cat", "dog"]) == ["cat", "dog", "dog"]
    for cells in (["1", "1", "1"], ["0", "x", "0"], ["0", "0", "0"]):
        with refused("single 1", "cat, dog", "line"):
            one_hot_labels(_table(cat=["1", "0", "0"], dog=cells), ["cat", "dog"])


def test_a_single_column_and_numbers_are_no_classes():
    table = _table(cat=["1", "0"], age=["3", "4"])
    assert one_hot_columns(table, ["cat"]) == ()
    assert one_hot_columns(table, ["cat", "age"]) == ()
    assert why_not_one_hot(table, ["cat", "age"]) == ""
