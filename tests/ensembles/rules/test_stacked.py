"""ensembles/rules/stacked.py: against scikit-learn on the same features."""

from collections.abc import Callable

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_score

from ensembles import Stacked
from ensembles.logistic import FIXED_STRENGTH, STRENGTHS
from ensembles.metrics import accuracy, log_loss, softmax


def features_of(logits: np.ndarray) -> np.ndarray:
    """Each member centred over classes and divided by its root mean square, side by side."""
    columns = []
    for member in logits.astype(np.float64):
        centred = member - member.mean(axis=1, keepdims=True)
        columns.append(centred / np.sqrt((centred**2).mean()))
    return np.hstack(columns)


@pytest.mark.parametrize("classes", [2, 3, 5])
@pytest.mark.parametrize("strength", [0.1, 10.0])
def test_against_scikit_learn(problem: Callable, classes: int, strength: float) -> None:
    logits, labels = problem(classes=classes)
    direct = LogisticRegression(C=1 / strength, tol=1e-6, max_iter=10_000).fit(features_of(logits), labels)
    combined = Stacked(strength=strength).fit(logits, labels).combine(logits)
    np.testing.assert_allclose(
        softmax(combined), direct.predict_proba(features_of(logits)), atol=1e-4
    )  # two solvers, two stopping rules


def test_combining_is_one_affine_map(problem: Callable) -> None:
    logits, labels = problem()
    rule = Stacked(strength=1.0).fit(logits, labels)
    assert rule.coef_.shape == (9, 3)
    assert rule.intercept_.shape == (3,)
    expected = np.hstack(list(logits)) @ rule.coef_ + rule.intercept_
    np.testing.assert_allclose(rule.combine(logits), expected, rtol=1e-5, atol=1e-5)


@pytest.mark.slow
def test_the_strength_is_that_of_the_least_cross_validated_loss(problem: Callable) -> None:
    logits, labels = problem(seed=4)
    folds = StratifiedKFold(5, shuffle=True, random_state=11)
    losses = [
        -cross_val_score(
            LogisticRegression(C=1 / strength, tol=1e-6, max_iter=10_000),
            features_of(logits),
            labels,
            cv=folds,
            scoring="neg_log_loss",
        ).mean()
        for strength in STRENGTHS
    ]
    assert Stacked(seed=11).fit(logits, labels).strength_ == STRENGTHS[int(np.argmin(losses))]


def test_the_scale_of_a_member_changes_nothing(problem: Callable) -> None:
    logits, labels = problem()
    scaled = logits * np.array([1e-3, 1.0, 1e3], np.float32)[:, None, None]
    expected = Stacked().fit(logits, labels).combine(logits)
    np.testing.assert_allclose(Stacked().fit(scaled, labels).combine(scaled), expected, atol=1e-3)


def test_noise_is_regularised_away(problem: Callable) -> None:
    logits, labels = problem(skills=(0.0, 0.0, 0.0, 0.0))
    rule = Stacked().fit(logits, labels)
    assert rule.strength_ >= 10
    unseen, unseen_labels = problem(skills=(0.0, 0.0, 0.0, 0.0), seed=1)
    assert log_loss(rule.combine(unseen), unseen_labels) < np.log(3) + 0.05


def test_it_learns_which_member_to_believe_about_which_class() -> None:
    labels = np.arange(300) % 3
    logits = np.random.default_rng(0).normal(size=(3, 300, 3))
    for member in range(3):  # each member sees one class only, and calls it by the next one's name
        logits[member, labels == member, (member + 1) % 3] += 6
    with pytest.warns(UserWarning, match="order of the classes"):
        rule = Stacked().fit(logits, labels)
    assert accuracy(rule.combine(logits), labels) > 0.95


def test_a_member_that_says_nothing_is_ignored(problem: Callable) -> None:
    logits, labels = problem()
    silent = np.full((1, *logits.shape[1:]), 0.1, np.float32)
    rule = Stacked(strength=1.0).fit(np.concatenate([logits, silent]), labels)
    np.testing.assert_allclose(rule.coef_[9:], 0, atol=1e-9)


def test_a_class_with_one_row_falls_back_to_the_fixed_strength(problem: Callable) -> None:
    logits, labels = problem()
    rows = np.r_[0, np.flatnonzero(labels > 0)]  # one row of class 0
    assert Stacked().fit(logits[:, rows], labels[rows]).strength_ == FIXED_STRENGTH


def test_a_class_without_rows_is_an_error(problem: Callable) -> None:
    logits, labels = problem(classes=4)
    rows = np.flatnonzero(labels % 2 == 0)
    with pytest.raises(ValueError, match=r"4 classes.*1, 3"):
        Stacked().fit(logits[:, rows], labels[rows])


@pytest.mark.parametrize("strength", ["strong", 0, -1.0, np.nan, np.inf, None])
def test_wrong_strengths_are_errors_of_fit(problem: Callable, strength: object) -> None:
    rule = Stacked(strength=strength)
    with pytest.raises(ValueError, match=f"strength.*{strength}"):
        rule.fit(*problem())


def test_confident_rows_stay_finite(problem: Callable) -> None:
    logits, labels = problem(skills=(50.0, 50.0))
    combined = Stacked().fit(logits, labels).combine(logits)
    assert log_loss(combined, labels) < 0.05
