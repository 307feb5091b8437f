"""ensembles/rules/hard.py: against scikit-learn's hard vote, and fractions by hand."""

from collections.abc import Callable

import numpy as np

from ensembles import Hard
from ensembles.metrics import softmax


def test_hard_is_scikit_learn_s_hard_vote_ties_included(problem: Callable, voting: Callable) -> None:
    logits, labels = problem(skills=(0.1, 0.2, 0.3, 0.1), samples=300)
    theirs, features = voting(logits, labels, voting="hard")
    combined = Hard().fit(logits, labels).combine(logits)
    np.testing.assert_array_equal(combined.argmax(axis=1), theirs.predict(features))


def test_fractions_of_votes_by_hand() -> None:
    logits = np.array([[[3.0, 0.0]], [[1.0, 0.0]], [[0.0, 9.0]]])
    combined = Hard().fit(logits, np.array([0])).combine(logits)
    np.testing.assert_allclose(softmax(combined), [[2.5 / 4, 1.5 / 4]], atol=1e-6)
