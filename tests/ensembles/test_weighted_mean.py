"""ensembles/weighted_mean.py: averages by hand, and against scikit-learn's voting."""

from collections.abc import Callable

import numpy as np
import pytest

from ensembles import Soft, Weighted
from ensembles.metrics import softmax
from ensembles.weighted_mean import active_members, vote, weighted_sum


def test_logits_by_hand() -> None:
    logits = np.array([[[1.0, 2.0]], [[10.0, 20.0]]], np.float32)
    combined = vote(np.array([0.5, 0.25]), logits, "logits")
    np.testing.assert_array_equal(combined, np.array([[3.0, 6.0]], np.float32))


def test_weights_by_class_see_no_constant() -> None:
    logits = np.random.default_rng(0).normal(size=(2, 5, 3))
    weights = np.random.default_rng(1).dirichlet((1, 1), 3).T
    moved = logits + np.arange(10).reshape(2, 5, 1)
    np.testing.assert_allclose(vote(weights, moved, "logits"), vote(weights, logits, "logits"), atol=1e-6)


def test_a_probability_of_zero_stays_finite() -> None:
    combined = vote(np.array([1.0]), np.array([[[0.0, 500.0]]]), "probabilities")
    assert np.isfinite(combined).all()


@pytest.mark.parametrize("shape", [(3,), (3, 4)])
def test_at_once_and_member_by_member_agree(shape: tuple) -> None:
    outputs = np.random.default_rng(0).normal(size=(3, 6, 4))
    outputs -= outputs.mean(axis=-1, keepdims=True)
    weights = np.random.default_rng(1).uniform(size=shape)
    np.testing.assert_allclose(weighted_sum(weights, outputs), vote(weights, outputs, "logits"), atol=1e-6)


def test_soft_over_probabilities_is_scikit_learn_s_soft_vote(problem: Callable, voting: Callable) -> None:
    logits, labels = problem()
    theirs, features = voting(logits, labels, voting="soft")
    ours = softmax(Soft(over="probabilities").fit(logits, labels).combine(logits))
    np.testing.assert_allclose(ours, theirs.predict_proba(features), atol=1e-6)
    np.testing.assert_array_equal(ours.argmax(axis=1), theirs.predict(features))


def test_given_weights_are_those_of_scikit_learn(problem: Callable, voting: Callable) -> None:
    logits, labels = problem()
    theirs, features = voting(logits, labels, voting="soft", weights=[1, 5, 2])
    ours = softmax(Weighted(over="probabilities", weights=[1, 5, 2]).fit(logits, labels).combine(logits))
    np.testing.assert_allclose(ours, theirs.predict_proba(features), atol=1e-6)
    np.testing.assert_array_equal(ours.argmax(axis=1), theirs.predict(features))


def test_active_members_have_a_weight_in_some_class() -> None:
    assert active_members(np.array([0.5, 0.0, 0.5])).tolist() == [0, 2]
    assert active_members(np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])).tolist() == [1, 2]
