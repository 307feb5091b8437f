"""ensembles/auto.py: equal weights stay unless a learned rule is surely better."""

from collections.abc import Callable

import numpy as np
import pytest

from ensembles import Auto, from_dict, to_dict
from ensembles.metrics import accuracy


def test_members_alike_keep_equal_weights(problem: Callable) -> None:
    for seed in range(3):
        rule = Auto().fit(*problem(skills=(2.0, 2.0, 2.0), samples=150, seed=seed))
        assert rule.rule_.name == "soft"


def test_a_bad_member_is_put_aside(problem: Callable) -> None:
    logits, labels = problem(skills=(-4.0, 2.0, 2.0), samples=400)
    rule = Auto().fit(logits, labels)
    assert rule.rule_.name != "soft"
    others, truth = problem(skills=(-4.0, 2.0, 2.0), samples=900, seed=1)
    assert accuracy(rule.combine(others), truth) > accuracy(others.mean(axis=0), truth) + 0.05


def test_the_report_has_every_rule_and_its_difference(problem: Callable) -> None:
    rule = Auto(rules=("best", "greedy")).fit(*problem(skills=(-2.0, 2.0), samples=200))
    assert [row["name"] for row in rule.report_] == ["soft", "best", "greedy"]
    soft, best, _ = rule.report_
    assert soft["accuracy_difference"] == [0, 0]
    assert best["log_loss_difference"][1] < 0 < best["accuracy_difference"][0]


def test_few_rows_keep_equal_weights(problem: Callable) -> None:
    logits, labels = problem(skills=(-2.0, 2.0), samples=4, classes=4)
    assert Auto().fit(logits, labels).rule_.name == "soft"


def test_a_rule_that_cannot_be_fitted_is_named(problem: Callable) -> None:
    logits, _ = problem()
    labels = np.arange(logits.shape[1]) % 2  # no row of class 2
    rule = Auto(rules=("stacked",)).fit(logits, labels)
    assert rule.rule_.name == "soft"
    assert "expected rows of all 3 classes" in rule.report_[-1]["reason"]


def test_it_travels_with_its_choice_and_its_report(problem: Callable) -> None:
    logits, labels = problem(skills=(-4.0, 2.0, 2.0), samples=300)
    rule = Auto(rules=("weighted",), over="probabilities").fit(logits, labels)
    back = from_dict(to_dict(rule))
    assert back.rule_.name == rule.rule_.name == "weighted"
    assert back.rule_.over == "probabilities"
    assert back.report_ == rule.report_


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"confidence": 1}, "expected a confidence between 0 and 1, received 1"),
        ({"rules": "greedy"}, "expected a list of rules to try beside soft, of .*; received 'greedy'"),
        ({"rules": ("auto",)}, r"received \('auto',\)"),
        ({"rules": ("gredy",)}, "of hard, best, weighted, greedy, stacked; received"),
        ({"over": "votes"}, 'expected over "logits" or "probabilities"'),
    ],
)
def test_wrong_options_are_told(problem: Callable, options: dict, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        Auto(**options).fit(*problem())
