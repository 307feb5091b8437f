"""ensembles/rules/auto.py: equal weights stay unless another rule is significantly better."""

import re
from collections.abc import Callable

import numpy as np
import pytest
from scipy.special import log_softmax
from scipy.stats import binom, bootstrap

from ensembles import Auto, Temperature, from_dict, make_rule, out_of_fold, to_dict
from ensembles.crossval import with_fixed_hyperparameters
from ensembles.metrics import accuracy
from ensembles.rules.auto import LEARNED


def one_right(errors: int, broken: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """100 rows that member 0 gets right, but for the last few; the mean of all errs on the first few alone."""
    labels = np.arange(100) % 2
    right = np.eye(2)[labels] * 2 - 1
    logits = np.stack([right * 2] * 3)
    logits[1:, :errors] = -right[:errors] * 3
    logits[0, 100 - broken :] *= -1
    return logits, labels


def chosen_by_hand(logits: np.ndarray, labels: np.ndarray) -> str:
    """The choice again: SciPy's bootstrap of the differences, and the binomial distribution of rows that differ."""
    rows, level = np.arange(len(labels)), 0.01 / len(LEARNED)
    losses, right = {}, {}
    for name in ("soft", *LEARNED):
        fitted = make_rule(name).fit(logits, labels)
        predicted = out_of_fold(with_fixed_hyperparameters(fitted), logits, labels)
        logs = log_softmax(predicted.astype(float) / Temperature().fit(predicted, labels).temperature_, axis=1)
        losses[name], right[name] = -logs[rows, labels], predicted.argmax(axis=1) == labels
    better = {}
    for name in LEARNED:
        wins, apart = (right[name] & ~right["soft"]).sum(), (right[name] != right["soft"]).sum()
        options = {"confidence_level": 1 - 2 * level, "n_resamples": 1000, "method": "percentile"}
        found = bootstrap((losses[name] - losses["soft"],), np.mean, rng=np.random.default_rng(0), **options)
        if found.confidence_interval.high < 0 and binom.sf(wins - 1, apart, 0.5) <= level:
            better[name] = losses[name].mean()
    return min(better, key=better.get, default="soft")


@pytest.mark.fits
def test_the_choice_is_that_of_the_same_tests_by_hand(problem: Callable) -> None:
    choices = []
    for seed, skills in enumerate(
        [(2.0, 2.0, 2.0), (0.2, 2.0, 2.2), (-1.0, 2.0, 2.0), (0.3, 0.3, 3.0), (1.0, 1.2, 1.4)]
    ):
        logits, labels = problem(skills=skills, samples=240, seed=seed)
        choices.append(chosen_by_hand(logits, labels))
        assert Auto().fit(logits, labels).rule_.name == choices[-1]
    assert "soft" in choices
    assert len(set(choices)) > 1


def test_luck_that_the_bootstrap_takes_for_certainty_is_not_enough() -> None:
    rule = Auto(rules=("best",)).fit(*one_right(errors=9, broken=1))
    assert rule.report_[1]["accuracy_difference"][0] > 0
    assert rule.report_[1]["accuracy_p_value"] == pytest.approx(11 / 1024)
    assert rule.rule_.name == "soft"


def test_who_tries_more_rules_has_to_show_more() -> None:
    """Eight rows that differ, all in favour: 1/256 is enough for one rule, and too much for four."""
    logits, labels = one_right(errors=8)
    assert Auto(rules=("best",)).fit(logits, labels).rule_.name == "best"
    rule = Auto().fit(logits, labels)
    assert rule.rule_.name == "soft"
    (reason,) = {row["reason"] for row in rule.report_}
    assert re.search(r"\b8 of 100\b.*\b9\b", reason)


def test_what_cannot_be_compared_has_its_reason(problem: Callable) -> None:
    alone = Auto().fit(*problem(skills=(2.0,)))
    assert all("one member" in row["reason"] for row in alone.report_)
    few = Auto(rules=("best",)).fit(*problem(skills=(-2.0, 2.0), samples=4, classes=4))
    (row,) = few.report_
    assert (row["name"], "one row" in row["reason"]) == ("best", True)


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
    assert "rows of all 3 classes" in rule.report_[-1]["reason"]


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
        ({"confidence": 1}, "confidence"),
        ({"rules": "greedy"}, "list.*'greedy'"),
        ({"rules": ("auto",)}, "auto"),
        ({"rules": ("gredy",)}, "weighted.*gredy"),
        ({"over": "votes"}, "probabilities"),
    ],
)
def test_wrong_options_are_told(problem: Callable, options: dict, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        Auto(**options).fit(*problem())
