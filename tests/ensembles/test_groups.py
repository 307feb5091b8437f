"""Groups inside rules, tests and thresholds: rows of one patient are no independent rows."""

from collections.abc import Callable
from itertools import product
from typing import Self

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import StratifiedGroupKFold

from ensembles import RULES, Auto, Calibrated, Conformal, Soft, Stacked, Weighted, choose_abstention, cross_fit
from ensembles import coverage as coverage_of
from ensembles.bootstrap import sign_test
from ensembles.folds import divided
from ensembles.logistic import STRENGTHS
from ensembles.metrics import softmax
from ensembles.penalties import one_thread
from ensembles.rule import fit_rule
from ensembles.rules.stacked import as_features
from ensembles.shrinkage import _standard_errors

TIMES = 6


class Recorder(Soft):
    """Equal weights that remember the groups of their fit."""

    def fit(self, logits: np.ndarray, labels: np.ndarray, groups: np.ndarray | None = None) -> Self:
        """Remember."""
        self.groups_ = groups
        return super().fit(logits, labels)


class Plain(Soft):
    """A user's rule that knows no groups."""

    def fit(self, logits: np.ndarray, labels: np.ndarray) -> Self:
        """Fit without."""
        return super().fit(logits, labels)


@pytest.fixture(scope="module")
def patients() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Logits of eight members that only know the patient: 24 patients of 6 near-alike rows, and labels at random."""
    random = np.random.default_rng(0)
    groups = np.repeat(np.arange(24), TIMES)
    labels = (np.arange(24) % 3)[groups]
    logits = random.normal(size=(8, 24, 3))[:, groups] + random.normal(0, 0.05, (8, len(groups), 3))
    return logits.astype(np.float32), labels, groups


@pytest.mark.parametrize("name", RULES)
def test_every_rule_takes_groups(problem: Callable, quick: Callable, name: str) -> None:
    logits, labels = problem()
    rule = quick(name)
    assert rule.fit(logits, labels, np.arange(90) // 3 * 3 + labels) is rule
    if name not in ("stacked", "weighted", "auto"):
        np.testing.assert_array_equal(rule.combine(logits), quick(name).fit(logits, labels).combine(logits))


def test_a_rule_is_given_groups_where_it_takes_them(problem: Callable) -> None:
    logits, labels = problem()
    groups = np.array([f"p{row // 5}" for row in range(90)])
    assert fit_rule(Recorder(), logits, labels, groups).groups_ is groups
    assert fit_rule(Plain(), logits, labels, groups).shape_ == (3, 3)
    for kind in (Plain, Recorder):
        around = Calibrated(rule=kind()).fit(logits, labels, groups)
        assert cross_fit(around, logits, labels, groups=groups).combine(logits).shape == (90, 3)
    copies = cross_fit(Recorder(), logits, labels, groups=groups)
    for number, copy in enumerate(copies.rules):
        assert len(copy.groups_) == (copies.fold != number).sum()
        assert len(np.unique(copy.groups_)) < 18
    with pytest.raises(ValueError, match="groups"):
        Stacked().fit(logits, labels, groups[:5])


@pytest.mark.fits
def test_the_strength_is_that_of_folds_by_groups(patients: tuple) -> None:
    logits, labels, groups = patients
    centred = logits - logits.mean(axis=2, keepdims=True)
    features = as_features(centred / np.sqrt((centred**2).mean(axis=(1, 2), keepdims=True))).astype(float)
    losses = np.zeros(len(STRENGTHS))
    folds = StratifiedGroupKFold(5, shuffle=True, random_state=0).split(labels, labels, groups)
    for (training, held), (index, strength) in product(folds, enumerate(STRENGTHS)):
        with one_thread():
            fitted = LogisticRegression(C=1 / strength, max_iter=10_000).fit(features[training], labels[training])
        losses[index] += log_loss(labels[held], fitted.predict_proba(features[held]))
    assert Stacked().fit(logits, labels, groups).strength_ == STRENGTHS[losses.argmin()]
    assert Stacked().fit(logits, labels).strength_ < 1 < STRENGTHS[losses.argmin()]


@pytest.mark.fits
def test_what_only_knows_the_patients_is_not_believed(patients: tuple) -> None:
    logits, labels, groups = patients
    assert Weighted().fit(logits, labels).shrinkage_ < np.inf
    assert Weighted().fit(logits, labels, groups).shrinkage_ == np.inf
    by_rows = Calibrated(rule=Stacked(strength=0.01)).fit(logits, labels).combine(logits)
    by_groups = Calibrated(rule=Stacked(strength=0.01)).fit(logits, labels, groups).combine(logits)
    assert softmax(by_rows).max(axis=1).mean() > softmax(by_groups).max(axis=1).mean() + 0.3


def test_a_class_of_one_group_leaves_nothing_to_choose_by(patients: tuple) -> None:
    logits, labels, groups = patients
    one = np.where(labels == 2, 99, groups)
    assert Stacked().fit(logits, labels, one).strength_ == 1
    assert Weighted().fit(logits, labels, one).shrinkage_ == np.inf
    assert "one group only" in Auto().fit(logits, labels, one).report_[0]["reason"]
    assert Calibrated(rule=Soft()).fit(logits, labels, one).after_


@pytest.mark.fits
def test_auto_counts_groups_that_are_wrong() -> None:
    labels = np.arange(240) % 2
    logits = np.full((2, 240, 2), 2.0) * np.eye(2)[labels]
    logits[0, :40] *= -3  # wrong on 40 rows, on which the other is right
    spread, few = np.arange(240) % 120 // 2, np.arange(240) // 40
    assert Auto().fit(logits, labels).rule_.name != "soft"
    assert Auto().fit(logits, labels, spread).rule_.name != "soft"
    chosen = Auto().fit(logits, labels, few)
    assert chosen.rule_.name == "soft"
    assert all(row["e_value"] < 2 for row in chosen.report_)  # one group of six cannot show more


def test_folds_by_groups_train_on_every_class() -> None:
    labels, groups = np.array([0, 0, 1, 1, 2, 2] * 3), np.array([0, 1, 1, 2, 0, 2] * 3)
    parts = divided(labels, 5, 0, groups)  # two folds would leave a class out of one
    assert len(parts) == 3
    for training, held in parts:
        assert set(labels[training]) == {0, 1, 2}
        assert not set(groups[training]) & set(groups[held])


def test_copies_of_a_row_count_once(problem: Callable) -> None:
    logits, labels = problem(skills=(1.0, 2.0), samples=60)
    many, again, groups = logits.repeat(TIMES, axis=1), labels.repeat(TIMES), np.arange(60).repeat(TIMES)
    once = sign_test(logits[1], logits[0], labels)
    assert sign_test(many[1], many[0], again, groups=groups) == pytest.approx(once)
    assert sign_test(many[1], many[0], again) < once
    for per_class in (False, True):
        conformal = Conformal(coverage=0.83, per_class=per_class)
        expected = conformal.fit(logits[1], labels).thresholds_
        np.testing.assert_array_equal(conformal.fit(many[1], again, groups).thresholds_, expected)
    excess = np.random.default_rng(0).normal(size=(3, 60))
    np.testing.assert_allclose(
        _standard_errors(excess.repeat(TIMES, axis=1), groups), excess.std(axis=1, ddof=1) / np.sqrt(60)
    )
    right, unsure = np.arange(60) < 58, np.arange(60.0)
    single = choose_abstention(unsure, right, 0.1, confidence=0.9)
    copied = choose_abstention(unsure.repeat(TIMES), right.repeat(TIMES), 0.1, confidence=0.9, groups=groups)
    assert copied == single
    assert choose_abstention(unsure.repeat(TIMES), right.repeat(TIMES), 0.01, confidence=0.9).accepted > 0
    few = choose_abstention(unsure.repeat(TIMES), right.repeat(TIMES), 0.01, confidence=0.9, groups=groups)
    assert few.accepted == 0


def test_a_group_counts_by_the_share_of_its_rows() -> None:
    """Scores 0.1 to 0.5: the group of four rows is a quarter each, and two of three groups and one are at 0.4."""
    probabilities = np.array([0.9, 0.8, 0.7, 0.6, 0.5])
    logits = np.log(np.stack([probabilities, 1 - probabilities], axis=1))
    groups = np.array(["a", "a", "a", "a", "b"])
    thresholds = {level: Conformal(coverage=level).fit(logits, [0] * 5, groups).thresholds_[0] for level in (0.2, 0.3)}
    assert thresholds == pytest.approx({0.2: 0.3, 0.3: 0.4})
    assert Conformal(coverage=0.6).fit(logits, [0] * 5, groups).thresholds_[0] == pytest.approx(0.5)
    assert Conformal(coverage=0.7).fit(logits, [0] * 5, groups).thresholds_[0] == np.inf


def test_promises_hold_for_new_patients() -> None:
    """Patients whose rows are all alike: counted by rows both promises break more often than they say."""
    random = np.random.default_rng(0)
    held = {"rows": [], "groups": []}
    broken = {"rows": 0, "groups": 0}
    for _ in range(150):
        groups = np.repeat(np.arange(30), random.integers(1, 30, 30))
        skill = np.where(random.random(60) < 0.2, -1.0, 2.0)
        logits = np.stack([skill + random.normal(0, 0.3, 60), np.zeros(60)], axis=1)
        labels = np.zeros(60, int)
        unsure = np.abs(logits[:, 0]) < 0
        for kind, given in (("rows", None), ("groups", groups)):
            conformal = Conformal(coverage=0.9).fit(logits[groups], labels[groups], given)
            held[kind].append(coverage_of(conformal.sets(logits[30:]), labels[30:]))
            right = (logits.argmax(axis=1) == labels)[groups]
            found = choose_abstention(unsure[groups], right, 0.15, confidence=0.9, groups=given)
            broken[kind] += found.accepted > 0  # one in five of all patients is wrong
    assert np.mean(held["groups"]) > 0.895 > np.mean(held["rows"])
    assert broken["groups"] <= 15 < broken["rows"]
