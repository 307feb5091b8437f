"""ensembles/rules/best.py: the member that is best by the metric asked for."""

from collections.abc import Callable

import numpy as np
import pytest
from scipy.special import softmax as scipy_softmax
from sklearn.metrics import accuracy_score, balanced_accuracy_score
from sklearn.metrics import log_loss as sklearn_log_loss

from ensembles import Best
from ensembles.metrics import softmax

# Member 0 is confident and mostly correct, member 1 is correct on the rare class, member 2 has the least log loss.
LABELS = np.array([0, 0, 0, 0, 1, 1])
RIGHT = np.array([[1, 1, 1, 1, 0, 0], [1, 1, 0, 0, 1, 1], [1, 1, 1, 1, 1, 0]], bool)
SURE = np.array([9.0, 1.0, 3.0])


def member_logits() -> np.ndarray:
    predicted = np.where(RIGHT, LABELS, 1 - LABELS)
    return np.eye(2)[predicted] * SURE[:, None, None]


def test_losses_are_scikit_learn_s() -> None:
    logits = member_logits()
    by_metric = {metric: Best(metric=metric).fit(logits, LABELS) for metric in ("accuracy", "balanced_accuracy")}
    predicted = logits.argmax(axis=-1)
    expected = [1 - accuracy_score(LABELS, own) for own in predicted]
    np.testing.assert_allclose(by_metric["accuracy"].losses_, expected)
    expected = [1 - balanced_accuracy_score(LABELS, own) for own in predicted]
    np.testing.assert_allclose(by_metric["balanced_accuracy"].losses_, expected, atol=1e-12)
    losses = [sklearn_log_loss(LABELS, softmax(own)) for own in logits]
    np.testing.assert_allclose(Best().fit(logits, LABELS).losses_, losses, rtol=1e-4)


@pytest.mark.parametrize("seed", range(5))
def test_it_is_the_least_of_scikit_learn_s_losses(problem: Callable, seed: int) -> None:
    logits, labels = problem(skills=(1.0, 1.1, 1.2, 1.0), seed=seed)
    losses = [sklearn_log_loss(labels, scipy_softmax(own.astype(np.float64), axis=1)) for own in logits]
    errors = [1 - accuracy_score(labels, own.argmax(axis=1)) for own in logits]
    assert Best().fit(logits, labels).member_ == int(np.argmin(losses))
    assert Best(metric="accuracy").fit(logits, labels).member_ == int(np.argmin(errors))


def test_it_predicts_as_its_member_does() -> None:
    rule = Best().fit(member_logits(), LABELS)
    assert rule.member_ == 2
    assert rule.weights_.tolist() == [0, 0, 1]
    np.testing.assert_array_equal(rule.combine(member_logits()), member_logits()[2].astype(np.float32))


def test_the_first_of_equals_is_taken() -> None:
    assert Best().fit(np.stack([member_logits()[2]] * 3), LABELS).member_ == 0


def test_an_unknown_metric_is_told() -> None:
    with pytest.raises(ValueError, match=r"log_loss.*f1"):
        Best(metric="f1").fit(member_logits(), LABELS)
