"""ensembles/conformal.py: coverage on rows like those of the fit, and sets worked by hand."""

from collections.abc import Callable

import numpy as np
import pytest

from ensembles import NotFittedError
from ensembles.conformal import Conformal, coverage
from ensembles.metrics import softmax


@pytest.mark.parametrize("score", ["lac", "aps"])
@pytest.mark.parametrize("per_class", [False, True])
@pytest.mark.parametrize("wanted", [0.8, 0.95])
def test_coverage_is_what_was_asked_for(problem: Callable, score: str, per_class: bool, wanted: float) -> None:
    covered = []
    for seed in range(20):
        logits, labels = problem(skills=(1.0,), samples=600, seed=seed)
        rule = Conformal(coverage=wanted, score=score, per_class=per_class).fit(logits[0, :300], labels[:300])
        covered.append(coverage(rule.sets(logits[0, 300:]), labels[300:]))
    assert wanted - 0.015 <= np.mean(covered)
    assert np.mean(covered) <= wanted + 0.03


@pytest.mark.parametrize("wanted", [0.8, 0.95, 0.99])
def test_confident_predictions_get_small_sets(problem: Callable, wanted: float) -> None:
    """Predictions are correct more often than wanted: lac's sets have less than one class, aps' the most probable."""
    logits, labels = problem(skills=(9.0,), samples=2000)
    for score, least in (("lac", wanted - 0.02), ("aps", 1.0)):
        sizes = Conformal(coverage=wanted, score=score).fit(logits[0], labels).sets(logits[0]).sum(axis=1)
        assert least <= sizes.mean() <= 1.05
    assert sizes.min() == 1


def test_every_class_has_its_own_coverage(problem: Callable) -> None:
    logits, labels = problem(skills=(1.0,), samples=3000)
    logits = logits[0] - np.array([0, 0, 1.5], np.float32)  # class 2 is underrated
    by_class = {}
    for per_class in (False, True):
        rule = Conformal(coverage=0.9, per_class=per_class).fit(logits[:1500], labels[:1500])
        rows = labels[1500:] == 2
        by_class[per_class] = coverage(rule.sets(logits[1500:])[rows], labels[1500:][rows])
    assert by_class[False] < 0.85
    assert by_class[True] == pytest.approx(0.9, abs=0.04)


def test_sets_by_hand() -> None:
    probabilities = np.array([[0.7, 0.2, 0.1], [0.5, 0.3, 0.2], [0.1, 0.8, 0.1]])
    logits, labels = np.log(probabilities), np.array([0, 1, 1])
    lac = Conformal(coverage=0.5).fit(logits, labels)  # scores 0.3, 0.7, 0.2; rank 2 of 3: 0.3
    np.testing.assert_allclose(lac.thresholds_, 0.3)
    assert lac.sets(np.log([[0.75, 0.15, 0.1], [0.4, 0.3, 0.3]])).tolist() == [[True, False, False], [False] * 3]
    aps = Conformal(coverage=0.6, score="aps").fit(logits, labels)  # scores 0, 0.5, 0; rank 3: 0.5
    np.testing.assert_allclose(aps.thresholds_, 0.5)
    sets = aps.sets(np.log([[0.49, 0.26, 0.25], [0.9, 0.05, 0.05], [0.2, 0.3, 0.5]]))
    assert sets.tolist() == [[True, True, False], [True, False, False], [False, True, True]]


@pytest.mark.parametrize("rows", [19, 20, 57, 300])
@pytest.mark.parametrize("wanted", [0.5, 0.9, 0.95])
def test_the_threshold_is_numpy_s_quantile_at_the_level_of_the_papers(
    problem: Callable, rows: int, wanted: float
) -> None:
    """Angelopoulos and Bates 2021: the ceil((n + 1) * coverage) / n quantile, without interpolation."""
    logits, labels = problem(skills=(1.0,), samples=rows)
    scores = 1 - softmax(logits[0]).astype(np.float64)[np.arange(rows), labels]
    expected = np.quantile(scores, np.ceil((rows + 1) * wanted) / rows, method="inverted_cdf")
    found = Conformal(coverage=wanted).fit(logits[0], labels).thresholds_
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_too_few_rows_promise_nothing_and_hold_every_class() -> None:
    rule = Conformal(coverage=0.99).fit(np.eye(3) * 5.0, np.arange(3))
    assert rule.sets(np.eye(3) * 9.0).all()


@pytest.mark.parametrize("options", [{"coverage": 1}, {"score": "raps"}])
def test_wrong_options_are_told(problem: Callable, options: dict) -> None:
    logits, labels = problem()
    with pytest.raises(ValueError, match=next(iter(options))):
        Conformal(**options).fit(logits[0], labels)


def test_use_before_fit_and_other_classes_are_errors(problem: Callable) -> None:
    logits, labels = problem()
    with pytest.raises(NotFittedError, match="Conformal"):
        Conformal().sets(logits[0])
    with pytest.raises(ValueError, match=r"3 classes.*2"):
        Conformal().fit(logits[0], labels).sets(logits[0, :, :2])


def test_coverage_counts_labels_in_their_sets() -> None:
    sets = np.array([[True, False], [True, True], [False, False]])
    assert coverage(sets, np.array([0, 1, 0])) == pytest.approx(2 / 3)
    with pytest.raises(ValueError, match="labels"):
        coverage(sets, np.array([0, -1, 2]))
    with pytest.raises(TypeError, match=r"bool.*float64"):
        coverage(sets * 0.5, np.array([0, 1, 0]))
