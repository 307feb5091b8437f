"""ensembles/rules/auto.py: equal weights stay unless another rule is surely better."""

import re
from collections.abc import Callable

import numpy as np
import pytest
from scipy.special import expit, log_softmax
from scipy.stats import binomtest, ttest_1samp

from ensembles import Auto, Temperature, from_dict, make_rule, out_of_fold, to_dict
from ensembles.comparison import explained
from ensembles.crossval import with_fixed_hyperparameters
from ensembles.metrics import accuracy
from ensembles.rules.auto import LEARNED


def chosen_by_hand(logits: np.ndarray, labels: np.ndarray) -> str:
    """The choice again: margins, bets and losses written out."""
    rows, shares = np.arange(len(labels)), (0.98, 0.4, 0.16, 0.064, 0.0256)
    losses, right, soft_right = {}, {}, {}  # of each row
    for name in ("soft", *LEARNED):
        fitted = make_rule(name).fit(logits, labels)
        predicted = out_of_fold(with_fixed_hyperparameters(fitted), logits, labels)
        logs = log_softmax(predicted.astype(float) / Temperature().fit(predicted, labels).temperature_, axis=1)
        second = np.sort(np.where(np.arange(logs.shape[1]) == labels[:, None], -np.inf, logs), axis=1)[:, -1]
        losses[name], right[name] = -logs[rows, labels], predicted.argmax(axis=1) == labels
        soft_right[name] = expit(2 * (logs[rows, labels] - second))
    better = {}
    for name in LEARNED:
        gains = soft_right[name] - soft_right["soft"]
        evidence = np.mean([np.prod(1 + share * gains) for share in shares])
        surely = ttest_1samp(losses["soft"] - losses[name], 0, alternative="greater").pvalue <= 0.01 / 4
        won, lost = (right[name] & ~right["soft"]).sum(), (right["soft"] & ~right[name]).sum()
        often = won > lost and binomtest(won, won + lost, alternative="greater").pvalue <= 0.25
        if surely and often and evidence >= (100 if name == "stacked" else 10):
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


def misleading(rows: int = 400) -> tuple[np.ndarray, np.ndarray]:
    """The two members that are right more often err wildly on some rows; the third one has the least log loss."""
    random, labels = np.random.default_rng(0), np.arange(rows) % 4
    logits = random.normal(size=(3, rows, 4))
    logits[:2] += 6 * np.eye(4)[labels]
    logits[2] += 2 * np.eye(4)[labels]
    wild = np.arange(rows) % 10 == 0
    logits[:2, wild] = -40 * np.eye(4)[labels[wild]]
    logits[2, wild] = np.where(np.eye(4)[labels[wild]], 0, random.normal(size=(wild.sum(), 4)))
    return logits, labels


def test_a_lower_log_loss_alone_is_not_enough() -> None:
    logits, labels = misleading()
    rule = Auto(rules=("best",)).fit(logits, labels)
    soft, best = rule.report_
    assert best["log_loss"] < soft["log_loss"]
    assert best["accuracy"] < soft["accuracy"]
    assert rule.rule_.name == "soft"


def test_rows_that_are_right_by_more_are_evidence_though_none_changes(problem: Callable) -> None:
    """Equal weights err on few rows, and margins show all the same who is better."""
    logits, labels = problem(skills=(0.0, 0.0, 6.0), samples=600)
    rule = Auto(rules=("best",)).fit(logits, labels)
    soft, best = rule.report_
    assert (1 - soft["accuracy"]) * 600 < 60
    assert best["e_value"] > 1e3
    assert rule.rule_.name == "best"


def test_who_tries_more_rules_has_to_show_more(problem: Callable) -> None:
    """The p-value lies between what one rule needs at this confidence, and what four need."""
    logits, labels = problem(skills=(-1.0, 2.0, 2.0), samples=90)
    p_value = Auto(rules=("best",)).fit(logits, labels).report_[1]["log_loss_p_value"]
    confidence = 1 - 2 * p_value
    assert Auto(rules=("best",), confidence=confidence).fit(logits, labels).rule_.name == "best"
    assert Auto(rules=("best",) * 4, confidence=confidence).fit(logits, labels).rule_.name == "soft"


def test_rows_that_are_right_have_to_agree(problem: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    logits, labels = problem(skills=(0.0, 0.0, 3.0), samples=300)
    sure = Auto(rules=("best",)).fit(logits, labels)
    _, best = sure.report_
    won, lost = (member_right(logits[2:], labels), member_right(logits, labels))
    differ = won != lost
    assert best["sign_p_value"] == binomtest(won[differ].sum(), differ.sum(), alternative="greater").pvalue
    assert sure.rule_.name == "best"
    monkeypatch.setattr("ensembles.rules.auto.RIGHT", best["sign_p_value"] / 2)
    assert Auto(rules=("best",)).fit(logits, labels).rule_.name == "soft"


def member_right(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Which rows the mean of some members gets right."""
    right: np.ndarray = logits.mean(axis=0).argmax(axis=1) == labels
    return right


def test_what_is_no_weighted_mean_needs_more_evidence(problem: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    logits, labels = problem(skills=(-4.0, 2.0, 2.0), samples=300)
    monkeypatch.setattr("ensembles.rules.auto.STRONGER", np.inf)
    assert Auto(rules=("stacked",)).fit(logits, labels).rule_.name == "soft"
    assert Auto(rules=("weighted",)).fit(logits, labels).rule_.name == "weighted"


def test_many_rows_are_compared_in_fewer_folds(problem: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ensembles.rules.auto.MOST_ROWS", 200)
    folds = []
    known = out_of_fold
    monkeypatch.setattr(
        "ensembles.rules.auto.out_of_fold", lambda *given, **named: folds.append(given[3]) or known(*given, **named)
    )
    Auto(rules=()).fit(*problem(samples=201))
    Auto(rules=()).fit(*problem(samples=200))
    assert folds == [2, 5]


@pytest.mark.parametrize(
    ("skills", "samples", "said"),
    [
        (
            (1.0, 1.0, 1.0),
            150,
            r"keeps equal weights.* instead of .*p = .*; at most 0\.0025 is needed.*e-value .*; at least 10+ is needed",
        ),
        ((-4.0, 2.0, 2.0), 300, r"takes \w+ in place.*log loss.*accuracy.*e-value"),
        ((2.0,), 90, "keeps equal weights: no rule is surely better; stacked has"),
        ((30.0, 30.0), 90, "equal weights err on none of 90 rows"),
    ],
)
def test_it_explains_its_choice_in_a_line(problem: Callable, skills: tuple, samples: int, said: str) -> None:
    line = Auto().fit(*problem(skills=skills, samples=samples)).explain()
    assert re.search(said, line)
    assert "\n" not in line


def test_reports_of_earlier_versions_are_explained_too() -> None:
    earlier = [{"name": "soft", "log_loss": 1.0, "accuracy": 0.5, "accuracy_p_value": 1.0}]
    assert explained("soft", earlier, 0.0025, {}) == "auto keeps equal weights"
    assert explained("weighted", [*earlier, {"name": "weighted", "log_loss": 0.9}], 0.0025, {}) == "auto takes weighted"


def test_what_cannot_be_compared_has_its_reason(problem: Callable) -> None:
    alone = Auto().fit(*problem(skills=(2.0,)))
    assert [row["name"] for row in alone.report_ if "one member" in row.get("reason", "")] == [
        "best",
        "weighted",
        "greedy",
    ]
    averaged = Auto(rules=("greedy",)).fit(*problem(skills=(2.0,)))
    assert averaged.explain() == "auto keeps equal weights: there is one member only"
    few = Auto(rules=("best",)).fit(*problem(skills=(-2.0, 2.0), samples=4, classes=4))
    (row,) = few.report_
    assert (row["name"], "one row" in row["reason"]) == ("best", True)


def test_a_member_alone_is_corrected_where_it_predicts_a_class_too_often(problem: Callable) -> None:
    logits, labels = problem(skills=(2.0,), samples=400)
    others, truth = problem(skills=(2.0,), samples=900, seed=1)
    assert Auto().fit(logits, labels).rule_.name == "soft"
    logits[..., 0] += 2
    others[..., 0] += 2
    rule = Auto().fit(logits, labels)
    assert rule.rule_.name == "stacked"
    assert accuracy(rule.combine(others), truth) > accuracy(others[0], truth) + 0.05


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
    assert (soft["e_value"], soft["log_loss_p_value"]) == (pytest.approx(1), 1)
    assert best["log_loss"] < soft["log_loss"]
    assert best["log_loss_p_value"] < 1e-3
    assert best["e_value"] > 200


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
