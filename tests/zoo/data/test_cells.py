"""Cells of a table as texts."""

import logging
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from zoo.data.cells import as_label_texts, as_text, as_texts, class_names


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (" cat ", "cat"),
        ("0001", "0001"),
        (1, "1"),
        (1.0, "1"),
        (np.float32(2.0), "2"),
        (1.5, "1.5"),
        (np.int8(-1), "-1"),
        (True, "True"),
        (np.bool_(False), "False"),
        ("é".encode(), "é"),
        (None, ""),
        (float("nan"), ""),
        (np.datetime64("NaT"), ""),
        (pd.NA, ""),
        (pd.NaT, ""),
        (Decimal(3), "3"),
    ],
)
def test_cells_are_written_as_people_write_them(cell, text):
    assert as_text(cell) == text


def test_bytes_that_are_no_text_are_refused(refused):
    with refused("UTF-8", "b'caf\\xe9'"):
        as_texts([b"caf\xe9"])


@pytest.mark.parametrize(
    ("labels", "texts"),
    [
        (["1.0", "2.0", ""], ["1", "2", ""]),
        (["01", "2"], ["01", "2"]),
        (["1.0", "1.5"], ["1.0", "1.5"]),
        (["1.0", "cat"], ["1.0", "cat"]),
        (["Cafe\u0301", "Caf\u00e9"], ["Caf\u00e9"] * 2),
    ],
)
def test_labels_are_names(labels, texts):
    assert as_label_texts(labels) == texts


def test_labels_take_the_form_of_given_classes():
    assert as_label_texts(["1.0", "2.0"], ["1.0", "2.0"]) == ["1.0", "2.0"]
    assert as_label_texts(["Caf\u00e9"], ["Cafe\u0301", "x"]) == ["Cafe\u0301"]


def test_classes_come_in_natural_order_without_the_missing():
    assert class_names(["10", "2", "", "1", "2"]) == ("1", "2", "10")
    assert class_names(["a"], ["b", "a"]) == ("b", "a")


def test_classes_that_differ_by_case_are_named(caplog):
    with caplog.at_level(logging.WARNING, "zoo"):
        as_label_texts(["Cat", "cat", "dog"])
    assert "'Cat' and 'cat'" in caplog.text
    assert "dog" not in caplog.text
