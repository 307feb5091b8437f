"""ensembles/metrics.py: against scikit-learn, SciPy and cases worked by hand."""

from collections.abc import Callable

import numpy as np
import pytest
import scipy.special
import sklearn.metrics as reference
from sklearn.calibration import calibration_curve

from ensembles import metrics


@pytest.mark.parametrize("classes", [2, 5])
@pytest.mark.parametrize("seed", range(3))
def test_against_scikit_learn(problem: Callable, classes: int, seed: int) -> None:
    (logits,), labels = problem(skills=(1.0,), classes=classes, seed=seed)
    predicted = logits.argmax(axis=1)
    probabilities = scipy.special.softmax(logits.astype(np.float64), axis=1)
    macro = {"average": "macro"}
    expected = {
        "accuracy": reference.accuracy_score(labels, predicted),
        "balanced_accuracy": reference.balanced_accuracy_score(labels, predicted),
        "precision": reference.precision_score(labels, predicted, **macro),
        "recall": reference.recall_score(labels, predicted, **macro),
        "f1": reference.f1_score(labels, predicted, **macro),
        "log_loss": reference.log_loss(labels, probabilities),
        "brier": reference.brier_score_loss(labels, probabilities, labels=range(classes), scale_by_half=False),
        "ece": metrics.ece(logits, labels),
    }
    scores = metrics.scores(logits, labels)
    assert scores == pytest.approx(expected)
    assert list(scores) == list(expected)
    assert all(type(score) is float for score in scores.values())


def as_logits(probabilities: list[list[float]]) -> np.ndarray:
    return np.log(np.array(probabilities))


def test_ece_by_hand() -> None:
    # Two bins. (0, 0.5]: confidence 0.4, right. (0.5, 1]: 0.6, 0.8 and 1.0 (mean 0.8), one of three right.
    logits = as_logits([[0.4, 0.3, 0.3], [0.6, 0.2, 0.2], [0.8, 0.1, 0.1], [1 - 1e-12, 5e-13, 5e-13]])
    labels = np.array([0, 1, 2, 0])
    assert metrics.ece(logits, labels, bins=2) == pytest.approx(1 / 4 * (1 - 0.4) + 3 / 4 * (0.8 - 1 / 3))


def test_ece_of_bins_one_by_one(problem: Callable) -> None:
    (logits,), labels = problem(skills=(2.0,), samples=500)
    probabilities = scipy.special.softmax(logits.astype(np.float64), axis=1)
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    expected = 0.0
    for low, high in zip(np.arange(15) / 15, np.arange(1, 16) / 15, strict=True):
        rows = (confidence > low) & (confidence <= high)
        if rows.any():
            expected += rows.mean() * abs(right[rows].mean() - confidence[rows].mean())
    assert metrics.ece(logits, labels) == pytest.approx(expected)


def test_reliability_is_scikit_learn_s_curve(problem: Callable) -> None:
    logits, labels = problem(skills=(1.0,), samples=300)
    confidence = metrics.softmax(logits[0]).max(axis=1)
    right = logits[0].argmax(axis=1) == labels
    found = metrics.reliability(logits[0], labels, bins=10)
    accuracy, mean = calibration_curve(right, confidence, n_bins=10)
    filled = found.rows > 0
    np.testing.assert_allclose(found.accuracy[filled], accuracy)
    np.testing.assert_allclose(found.confidence[filled], mean, rtol=1e-5)
    assert found.rows.sum() == 300
    assert np.isnan(found.accuracy[~filled]).all()


def test_log_loss_of_a_confident_error_is_not_clipped() -> None:
    assert metrics.log_loss(np.array([[1000.0, 0.0]]), np.array([1])) == 1000


def test_classes_without_rows_do_not_warn() -> None:
    # Class 2 is predicted once but has no rows, class 3 neither.
    logits = np.eye(4)[[0, 1, 2, 1]] * 9
    labels = np.array([0, 1, 1, 1])
    scores = metrics.scores(logits, labels)
    assert scores["balanced_accuracy"] == pytest.approx((1 + 2 / 3) / 2)
    assert scores["recall"] == pytest.approx((1 + 2 / 3 + 0) / 3)
    assert scores["precision"] == pytest.approx((1 + 1 + 0) / 3)
    assert scores["f1"] == pytest.approx((1 + 0.8 + 0) / 3)


def test_one_row_and_one_class_present() -> None:
    scores = metrics.scores(np.array([[9.0, -9.0]]), np.array([0]))
    assert scores["accuracy"] == scores["balanced_accuracy"] == scores["f1"] == 1


def test_softmax_is_stable_float32_and_of_any_rank() -> None:
    logits = np.array([[[1e4, 0.0], [-1e4, -1e4]]])
    probabilities = metrics.softmax(logits)
    assert probabilities.dtype == np.float32
    np.testing.assert_array_equal(probabilities, np.array([[[1, 0], [0.5, 0.5]]], np.float32))


@pytest.mark.parametrize("name", ["accuracy", "balanced_accuracy", "f1", "log_loss", "brier", "ece", "scores"])
def test_wrong_input_is_told_what_to_do(name: str) -> None:
    metric = getattr(metrics, name)
    with pytest.raises(ValueError, match=r"\(samples, classes\).*\(2, 4, 3\)"):
        metric(np.zeros((2, 4, 3)), np.zeros(4, int))
    with pytest.raises(ValueError, match="finite"):
        metric(np.full((4, 3), np.nan), np.zeros(4, int))
    with pytest.raises(ValueError, match=r"labels.*\(5,\)"):
        metric(np.zeros((4, 3)), np.zeros(5, int))


@pytest.mark.parametrize("bins", [0, -1, 2.5])
def test_bins_that_are_none_are_told(problem: Callable, bins: float) -> None:
    logits, labels = problem()
    with pytest.raises(ValueError, match="bins"):
        metrics.ece(logits[0], labels, bins)
