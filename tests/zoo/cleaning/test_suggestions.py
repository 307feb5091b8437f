"""Suggestions: what may be good is kept for the user to look at."""

import logging
import re

import numpy as np

from zoo.cleaning.all_splits import Stack, Suspect
from zoo.cleaning.checks import find, suggest
from zoo.data import Splits

from .conftest import draw, images


def _suspects(rows):
    return [Suspect(row=row, score=1.0, decision="drop", note="") for row in rows]


def _dropped(stack, check, rows):
    return [one.row for one in suggest(stack, check, _suspects(rows)) if one.decision == "drop"]


def test_up_to_a_fifth_of_a_class_goes_and_no_more(caplog):
    stack = Stack(Splits(images(draw(60))))  # 20 of each class
    few, many = list(range(0, 12, 3)), list(range(1, 16, 3))
    with caplog.at_level(logging.WARNING):
        assert _dropped(stack, "near", few + many) == few
    assert re.search("near.*5 of 20.*green", caplog.text)
    assert {one.note for one in suggest(stack, "near", _suspects(many))} == {"too many of the class"}


def test_exact_copies_go_however_many():
    stack = Stack(Splits(images(draw(60))))
    assert _dropped(stack, "exact", range(60)) == list(range(60))


def test_outliers_and_labels_of_held_out_splits_stay_and_copies_go():
    stack = Stack(Splits(images(draw(60)), images(draw(60, seed=1)), images(draw(60, seed=2))))
    for check, rows in (("outlier", [0]), ("label", [0]), ("near", [0, 60, 120])):
        assert _dropped(stack, check, [0, 60, 120]) == rows
    assert [one.note for one in suggest(stack, "label", _suspects([0, 60]))] == ["", "held out"]


def test_no_suspects_are_no_obstacle():
    assert suggest(Stack(Splits(images(draw(6)))), "outlier", []) == []


def test_a_rare_class_that_lies_apart_is_not_dropped():
    features = np.random.default_rng(0).normal(size=(910, 8))
    features[900:] = features[900:] / 10 + 40
    labels = np.r_[np.arange(900) % 2, np.full(10, 2)]
    found = find(images(draw(910, side=8), labels), checks=["outlier"], features=features)
    rare = [one for one in found if one.label == "blue"]
    assert len(rare) == 10
    assert {one.decision for one in rare} == {"keep"}
