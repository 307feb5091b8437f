"""ensembles/rules/soft.py: against a mean by hand and SciPy's geometric mean."""

from collections.abc import Callable

import numpy as np
from scipy.stats import gmean

from ensembles import Soft
from ensembles.metrics import softmax


def test_the_mean_by_hand() -> None:
    logits = np.array([[[1.0, 3.0], [0.0, -2.0]], [[3.0, 1.0], [4.0, 0.0]]])
    rule = Soft().fit(logits, np.array([0, 1]))
    assert rule.weights_.tolist() == [0.5, 0.5]
    np.testing.assert_array_equal(rule.combine(logits), np.array([[2.0, 2.0], [2.0, -1.0]], np.float32))


def test_one_member_is_itself(problem: Callable) -> None:
    logits, labels = problem(skills=(1.0,))
    np.testing.assert_array_equal(Soft().fit(logits, labels).combine(logits), logits[0])


def test_it_is_the_geometric_mean_of_probabilities(problem: Callable) -> None:
    logits, labels = problem()
    mean = gmean(softmax(logits), axis=0)
    expected = mean / mean.sum(axis=-1, keepdims=True)
    np.testing.assert_allclose(softmax(Soft().fit(logits, labels).combine(logits)), expected, rtol=1e-5)
