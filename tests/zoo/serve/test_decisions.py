"""zoo/serve/decisions.py: thresholds of a record, applied."""

import numpy as np
import pytest

from zoo.serve.decisions import Decisions, decisions_of

RECORD = {
    "classes": ["a", "b", "c"],
    "uncertainty": {
        "thresholds": {"0.01": {"threshold": 0.2}, "0.05": {"threshold": None}},
        "cautions": {"0.01": "few images", "0.05": ""},
    },
    "conformal": {"score": "lac", "thresholds": {"0.9": 0.6, "0.99": None}},
}


def test_they_accept_up_to_the_threshold():
    decisions = decisions_of(RECORD, error=0.01, coverage=0.9)
    assert decisions.accepted(np.array([0.1, 0.2, 0.3])).tolist() == [True, True, False]
    assert decisions.caution == "few images"
    none = decisions_of(RECORD, error=0.05, coverage=0.9)
    assert none.accepted(np.array([0.0])).tolist() == [False]


def test_sets_hold_the_classes_of_enough_probability():
    logits = np.log(np.array([[0.5, 0.45, 0.05], [0.9, 0.05, 0.05], [0.39, 0.31, 0.3]]))
    sets = decisions_of(RECORD, error=0.01, coverage=0.9).sets(logits)
    assert sets.tolist() == [[True, True, False], [True, False, False], [False, False, False]]
    assert decisions_of(RECORD, error=0.01, coverage=0.99).sets(logits).all()


def test_a_record_without_thresholds_decides_nothing():
    decisions = decisions_of({"classes": ["a", "b"], "uncertainty": None}, error=0.01, coverage=0.95)
    assert decisions == Decisions(classes=2)
    assert decisions.accepted(np.zeros(2)) is decisions.sets(np.zeros((1, 2))) is None


@pytest.mark.parametrize(("option", "wanted"), [("error", 0.3), ("coverage", 0.5)])
def test_thresholds_of_a_record_without_any_are_refused(refused, option, wanted):
    with refused(f"--{option}", f"{wanted:g}", "int8"):
        decisions_of({"classes": ["a", "b"]}, **{"error": 0.01, "coverage": 0.95, option: wanted})


@pytest.mark.parametrize(("option", "wanted"), [("error", 0.02), ("coverage", 0.5)])
def test_thresholds_that_are_not_listed_are_named(refused, option, wanted):
    with refused(f"--{option}", f"{wanted:g}", "0.9" if option == "coverage" else "0.05"):
        decisions_of(RECORD, **{"error": 0.01, "coverage": 0.9, option: wanted})
