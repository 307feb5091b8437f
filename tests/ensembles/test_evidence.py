"""ensembles/evidence.py: exact evidence of gains, and how right a row is."""

import numpy as np
import pytest
from scipy.special import expit, log_softmax
from scipy.stats import ttest_1samp

from ensembles.evidence import BETS, e_value, mean_p_value, soft_accuracy


def test_soft_accuracy_is_a_sigmoid_of_the_margin() -> None:
    logits, labels = np.random.default_rng(0).normal(size=(50, 4)) * 3, np.arange(50) % 4
    logs = log_softmax(logits, axis=1)
    others = np.where(np.eye(4)[labels] == 1, -np.inf, logs).max(axis=1)
    expected = expit(2 * (logs[np.arange(50), labels] - others))
    scores = soft_accuracy(logits, labels)
    np.testing.assert_allclose(scores, expected, rtol=1e-12)
    np.testing.assert_array_equal(scores > 0.5, logits.argmax(axis=1) == labels)


def test_extreme_and_tied_logits() -> None:
    logits = np.array([[1e6, 0, 0], [-1e6, 0, 0], [1.0, 1.0, 0.0]])
    np.testing.assert_allclose(soft_accuracy(logits, np.zeros(3, int)), [1, 0, 0.5], atol=1e-12)


def test_the_e_value_is_the_mean_of_the_gamblers() -> None:
    gains = np.random.default_rng(1).uniform(-1, 1, 30)
    assert e_value(gains) == pytest.approx(np.mean([np.prod(1 + bet * gains) for bet in BETS]))


def test_it_is_exact_where_nothing_is_gained() -> None:
    """It reaches 400 in one set of 400 at most, though gains are skewed and rows few: the bootstrap's worst case."""
    random = np.random.default_rng(2)
    for rows in (5, 40, 300):
        values = [e_value(np.where(random.random(rows) < 0.9, 0.1, -0.9)) for _ in range(1500)]
        assert np.mean(np.array(values) >= 400) <= 1 / 400 + 3 * np.sqrt(1 / 400 / 1500)


def test_groups_bet_once_each() -> None:
    gains, groups = np.array([1.0, 1.0, -1.0, 0.5]), np.array(["a", "a", "b", "b"])
    assert e_value(gains, groups) == pytest.approx(e_value([1.0, -0.25]))
    assert e_value(np.ones(40), np.zeros(40)) < 2


def test_long_rows_of_gains_stay_finite() -> None:
    assert np.isfinite(e_value(np.ones(10_000)))
    assert e_value(-np.ones(10_000)) < 1


@pytest.mark.parametrize("gains", [[], [1.5], [np.nan], [[0.1]]])
def test_wrong_gains_are_told(gains: list) -> None:
    with pytest.raises(ValueError, match="gains"):
        e_value(gains)


def test_the_p_value_is_students() -> None:
    gains, groups = np.random.default_rng(3).normal(0.2, 1, 40), np.arange(40) // 4
    assert mean_p_value(gains) == pytest.approx(ttest_1samp(gains, 0, alternative="greater").pvalue)
    means = gains.reshape(10, 4).mean(axis=1)
    assert mean_p_value(gains, groups) == pytest.approx(ttest_1samp(means, 0, alternative="greater").pvalue)


@pytest.mark.parametrize(("gains", "p_value"), [([0.0, 0.0], 1), ([3.0], 1), ([2.0, 2.0], 0), ([-2.0, -2.0], 1)])
def test_gains_that_do_not_vary(gains: list, p_value: float) -> None:
    assert mean_p_value(gains) == p_value
