"""ensembles/weighted.py: against other solvers, and properties that hold for any members."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import LinearConstraint, approx_fprime, minimize
from sklearn.metrics import log_loss as sklearn_log_loss

from ensembles import Soft, Weighted
from ensembles.metrics import log_loss, softmax
from ensembles.weighted import _loss, _margins

SKILLS = st.lists(st.floats(-1, 4), min_size=1, max_size=5).map(tuple)
SEEDS = st.integers(0, 2**32 - 1)
PROPERTY = settings(deadline=None, max_examples=30, derandomize=True, database=None)


def loss_of(weights: np.ndarray, logits: np.ndarray, labels: np.ndarray) -> float:
    """Log loss by scikit-learn: shares nothing with what is tested."""
    combined = np.tensordot(weights, logits.astype(np.float64), axes=1)
    odds = np.exp(combined - combined.max(axis=1, keepdims=True))
    return sklearn_log_loss(labels, odds / odds.sum(axis=1, keepdims=True))


@pytest.mark.parametrize("seed", range(3))
def test_against_a_grid_of_the_simplex(problem: Callable, seed: int) -> None:
    logits, labels = problem(seed=seed)
    weights = Weighted().fit(logits, labels).weights_
    steps = np.linspace(0, 1, 26)
    grid = [np.array([a, b, 1 - a - b]) for a in steps for b in steps if a + b <= 1]
    losses = [loss_of(point, logits, labels) for point in grid]
    assert loss_of(weights, logits, labels) <= min(losses)
    np.testing.assert_allclose(weights, grid[int(np.argmin(losses))], atol=0.05)


def test_against_trust_constr(problem: Callable) -> None:
    logits, labels = problem(skills=(0.3, 1.0, 1.5, 2.0), samples=200, classes=5, seed=3)
    other = minimize(
        loss_of,
        np.full(4, 0.25),
        args=(logits, labels),
        method="trust-constr",
        bounds=[(0, 1)] * 4,
        constraints=LinearConstraint(np.ones((1, 4)), 1, 1),
        options={"gtol": 1e-7, "xtol": 1e-9},
    )
    np.testing.assert_allclose(Weighted().fit(logits, labels).weights_, other.x, atol=2e-3)


def test_the_gradient_is_that_of_the_loss(problem: Callable) -> None:
    logits, labels = problem()
    margins, point = _margins(logits, labels), np.array([0.2, 0.5, 0.3])
    loss, gradient = _loss(point, margins)
    assert loss == pytest.approx(loss_of(point, logits, labels))
    np.testing.assert_allclose(gradient, approx_fprime(point, lambda w: _loss(w, margins)[0]), atol=1e-5)


@PROPERTY
@given(SKILLS, SEEDS)
def test_weights_are_on_the_simplex_and_never_worse_than_equal(problem: Callable, skills: tuple, seed: int) -> None:
    logits, labels = problem(skills, seed=seed)
    weights = Weighted().fit(logits, labels).weights_
    assert weights.min() >= 0
    assert weights.sum() == pytest.approx(1, abs=1e-12)
    equal = Soft().fit(logits, labels).weights_
    assert loss_of(weights, logits, labels) <= loss_of(equal, logits, labels) + 1e-12


@PROPERTY
@given(SKILLS, SEEDS, st.randoms(use_true_random=False))
def test_permuting_members_permutes_weights(problem: Callable, skills: tuple, seed: int, random: object) -> None:
    logits, labels = problem(skills, seed=seed)
    order = random.sample(range(len(skills)), len(skills))
    expected = Weighted().fit(logits, labels).weights_[order]
    np.testing.assert_allclose(Weighted().fit(logits[order], labels).weights_, expected, atol=1e-3)


@PROPERTY
@given(SKILLS, SEEDS)
def test_a_duplicate_changes_nothing(problem: Callable, skills: tuple, seed: int) -> None:
    logits, labels = problem(skills, seed=seed)
    twice = np.concatenate([logits, logits[:1]])
    expected = Weighted().fit(logits, labels).combine(logits)
    np.testing.assert_allclose(Weighted().fit(twice, labels).combine(twice), expected, atol=1e-3)


@PROPERTY
@given(SEEDS, st.integers(0, 3))
def test_a_perfect_member_among_noise_takes_most(problem: Callable, seed: int, best: int) -> None:
    logits, labels = problem(tuple(8.0 if member == best else 0.0 for member in range(4)), seed=seed)
    assert Weighted().fit(logits, labels).weights_[best] > 0.8


@pytest.mark.parametrize("scale", [1e-6, 1e-3, 1e3, 1e6, 1e20])
def test_any_scale_of_logits_gives_weights(problem: Callable, scale: float) -> None:
    logits, labels = problem()
    logits = logits.astype(np.float64) * scale
    rule, soft = Weighted().fit(logits, labels), Soft().fit(logits, labels)
    assert rule.weights_.sum() == pytest.approx(1)
    assert log_loss(rule.combine(logits), labels) <= log_loss(soft.combine(logits), labels) * (1 + 1e-6)


def test_one_member_weighs_one(problem: Callable) -> None:
    assert Weighted().fit(*problem(skills=(1.0,))).weights_.tolist() == [1.0]


def test_a_harmful_member_weighs_exactly_zero(problem: Callable) -> None:
    logits, labels = problem(skills=(-3.0, 2.0, 2.0))
    assert Weighted().fit(logits, labels).weights_[0] == 0


def test_classes_without_rows_are_no_problem(problem: Callable) -> None:
    logits, _ = problem()
    rule = Weighted().fit(logits, np.zeros(logits.shape[1], int))
    assert softmax(rule.combine(logits)).shape == logits.shape[1:]
