"""ensembles/calibration.py: against scikit-learn's temperature, and other ways to the least loss."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import approx_fprime, minimize
from scipy.special import log_softmax
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.calibration import CalibratedClassifierCV
from sklearn.frozen import FrozenEstimator

from ensembles import NotFittedError, Temperature, VectorScaling
from ensembles.calibrated_rule import make_calibrators
from ensembles.calibration import _centred, _vector_loss, smoothed_targets
from ensembles.metrics import accuracy, ece, log_loss, softmax

SEEDS = st.integers(0, 2**32 - 1)
PROPERTY = settings(deadline=None, max_examples=20, derandomize=True, database=None)


class Logits(ClassifierMixin, BaseEstimator):
    """A classifier whose features are its logits."""

    def fit(self, features: np.ndarray, labels: np.ndarray) -> "Logits":
        self.classes_ = np.unique(labels)
        return self

    def decision_function(self, features: np.ndarray) -> np.ndarray:
        return features

    def predict(self, features: np.ndarray) -> np.ndarray:
        return features.argmax(axis=1)


@pytest.fixture
def sure(problem: Callable) -> tuple[np.ndarray, np.ndarray]:
    logits, labels = problem(skills=(2.0,), samples=1500)
    return logits[0] * 4, labels


def test_temperature_is_scikit_learn_s(sure: tuple) -> None:
    logits, labels = sure
    frozen = FrozenEstimator(Logits().fit(logits, labels))
    theirs = CalibratedClassifierCV(frozen, method="temperature", ensemble=False).fit(logits, labels)
    ours = Temperature(smoothing="none").fit(logits, labels)
    np.testing.assert_allclose(softmax(ours.apply(logits)), theirs.predict_proba(logits), atol=1e-3)


@pytest.mark.parametrize("factor", [0.05, 0.3, 1.0, 4.0])
def test_temperature_undoes_a_factor(problem: Callable, factor: float) -> None:
    logits, labels = problem(skills=(2.0,), samples=300)
    plain = Temperature().fit(logits[0], labels).temperature_
    assert Temperature().fit(logits[0] * factor, labels).temperature_ == pytest.approx(plain * factor, rel=1e-3)


@PROPERTY
@given(SEEDS)
def test_rankings_never_change_where_only_temperature_moved(problem: Callable, seed: int) -> None:
    logits, labels = problem(skills=(1.5,), seed=seed)
    applied = Temperature().fit(logits[0], labels).apply(logits[0])
    np.testing.assert_array_equal(np.argsort(applied, axis=1), np.argsort(logits[0], axis=1))


def test_calibration_lowers_the_error_that_it_is_for(sure: tuple) -> None:
    logits, labels = sure
    for calibrator in (Temperature(), VectorScaling()):
        applied = calibrator.fit(logits, labels).apply(logits)
        assert applied.dtype == np.float32
        assert ece(applied, labels) < ece(logits, labels) / 2
        assert log_loss(applied, labels) < log_loss(logits, labels)


def test_a_few_right_rows_do_not_promise_certainty() -> None:
    labels = np.arange(12) % 3
    logits = np.eye(3)[labels] * 3
    careful, plain = Temperature().fit(logits, labels), Temperature(smoothing="none").fit(logits, labels)
    assert softmax(careful.apply(logits)).max() == pytest.approx(13 / 14, abs=1e-3)  # Platt's (n + 1) / (n + 2)
    assert softmax(plain.apply(logits)).max() > 0.9999


def test_targets_by_hand() -> None:
    np.testing.assert_allclose(
        smoothed_targets(np.array([1, 0]), 3, "platt"), [[0.125, 0.75, 0.125], [0.75, 0.125, 0.125]]
    )
    np.testing.assert_array_equal(smoothed_targets(np.array([1]), 2, "none"), [[0, 1]])


def test_the_gradient_of_vector_scaling(problem: Callable) -> None:
    logits, labels = problem()
    centred, targets = _centred(logits[0]), smoothed_targets(labels, 3, "platt")
    point = np.array([0.5, 1.0, 1.5, 0.1, -0.2, 0.1])
    gradient = _vector_loss(point, centred, targets)[1]
    np.testing.assert_allclose(
        gradient, approx_fprime(point, lambda p: _vector_loss(p, centred, targets)[0]), atol=1e-6
    )


def test_vector_scaling_without_rows_of_a_class_is_the_temperature(problem: Callable) -> None:
    logits, labels = problem(skills=(2.0,), samples=300)
    seen = labels != 2
    vector = VectorScaling().fit(logits[0][seen], labels[seen])
    temperature = Temperature().fit(logits[0][seen], labels[seen])
    np.testing.assert_allclose(softmax(vector.apply(logits[0])), softmax(temperature.apply(logits[0])), atol=1e-6)


@pytest.mark.parametrize("factor", [1e-3, 1e3, 1e6])
def test_a_temperature_takes_any_scale(problem: Callable, factor: float) -> None:
    logits, labels = problem(skills=(2.0,), samples=300)
    plain, scaled = (Temperature().fit(logits[0] * times, labels).temperature_ for times in (1.0, factor))
    assert scaled == pytest.approx(plain * factor, rel=1e-4)


@pytest.mark.parametrize("smoothing", ["none", "platt"])
def test_vector_scaling_against_powell(problem: Callable, smoothing: str) -> None:
    """Without a gradient, and with nothing shared; an offset of all classes alike changes no probability."""
    logits, labels = problem(skills=(1.5,), samples=300)
    wrong = 0 if smoothing == "none" else 1 / 302
    targets = np.where(np.eye(3)[labels] == 1, 1 - wrong, wrong / 2)
    centred = logits[0].astype(np.float64) - logits[0].mean(axis=1, keepdims=True)

    def loss(point: np.ndarray) -> float:
        return -(targets * log_softmax(centred * point[:3] + point[3:], axis=1)).sum(axis=1).mean()

    other = minimize(loss, np.r_[1, 1, 1, 0, 0, 0], method="Powell", options={"xtol": 1e-8, "ftol": 1e-12}).x
    ours = VectorScaling(smoothing=smoothing).fit(logits[0], labels)
    np.testing.assert_allclose(ours.scale_, other[:3], atol=2e-3)
    np.testing.assert_allclose(ours.offset_, other[3:] - other[3:].mean(), atol=2e-3)


def test_vector_scaling_moves_a_class_that_is_always_underrated(problem: Callable) -> None:
    logits, labels = problem(skills=(3.0,), samples=300)
    biased = logits[0] - np.array([0, 0, 4])
    vector = VectorScaling().fit(biased, labels)
    assert vector.offset_.argmax() == 2
    assert accuracy(vector.apply(biased), labels) > accuracy(biased, labels) + 0.1
    assert log_loss(vector.apply(biased), labels) < log_loss(Temperature().fit(biased, labels).apply(biased), labels)


def test_errors_say_what_to_do(sure: tuple) -> None:
    with pytest.raises(NotFittedError, match="Temperature"):
        Temperature().apply(sure[0])
    with pytest.raises(NotFittedError, match="VectorScaling"):
        VectorScaling().apply(sure[0])
    with pytest.raises(ValueError, match=r"temperature.*'platt'"):
        make_calibrators("platt")
    with pytest.raises(ValueError, match=r"smoothing.*some"):
        Temperature(smoothing="some").fit(*sure)
