"""ensembles/calibrated_rule.py: calibration around a rule."""

from collections.abc import Callable

import numpy as np
import pytest

from ensembles import Calibrated, Greedy, Soft, Stacked, Temperature, from_dict, to_dict
from ensembles.metrics import ece, log_loss


def test_members_are_calibrated_before_and_the_whole_after(problem: Callable) -> None:
    logits, labels = problem(samples=300)
    unlike = logits * np.array([0.1, 1, 10])[:, None, None]
    rule = Calibrated(rule=Soft(), members="temperature").fit(unlike, labels)
    own = [Temperature().fit(member, labels).apply(member) for member in unlike]
    averaged = np.mean(own, axis=0)
    expected = Temperature().fit(averaged, labels).apply(averaged)
    np.testing.assert_allclose(rule.combine(unlike), expected, rtol=1e-3, atol=1e-4)
    assert log_loss(rule.combine(unlike), labels) < log_loss(
        Calibrated(rule=Soft()).fit(unlike, labels).combine(unlike), labels
    )


def test_a_rule_that_learned_its_rows_by_heart_is_calibrated_by_others(problem: Callable) -> None:
    """A stacked rule without a penalty is sure of its own rows: a temperature of these rows would be 1 or less."""
    logits, labels = problem(skills=(0.6, 0.5, 0.4, 0.3, 0.2, 0.1), samples=60)
    rule = Calibrated(rule=Stacked(strength=1e-3)).fit(logits, labels)
    naive = Temperature().fit(rule.rule_.combine(logits), labels)
    assert rule.after_[0].temperature_ > 2 * naive.temperature_
    others, truth = problem(skills=(0.6, 0.5, 0.4, 0.3, 0.2, 0.1), samples=900, seed=1)
    assert ece(rule.combine(others), truth) < ece(rule.rule_.combine(others), truth)


@pytest.mark.parametrize("members", ["none", "temperature", "vector"])
@pytest.mark.parametrize("whole", ["none", "temperature", "vector"])
def test_it_travels(problem: Callable, members: str, whole: str) -> None:
    logits, labels = problem()
    rule = Calibrated(rule=Greedy(rounds=5), members=members, whole=whole).fit(logits, labels)
    back = from_dict(to_dict(rule))
    np.testing.assert_array_equal(back.combine(logits), rule.combine(logits))
    assert back.rule.rounds == 5


def test_the_rule_given_is_left_alone(problem: Callable) -> None:
    soft = Soft()
    Calibrated(rule=soft).fit(*problem())
    assert not hasattr(soft, "shape_")


def test_a_class_of_one_row_leaves_the_others_out_of_fold(problem: Callable) -> None:
    logits, labels = problem(skills=(0.6, 0.5, 0.4, 0.3, 0.2, 0.1), samples=90)
    rows = np.r_[np.flatnonzero(labels == 2)[:1], np.flatnonzero(labels < 2)]
    rule = Calibrated(rule=Stacked(strength=1e-3)).fit(logits[:, rows], labels[rows])
    naive = Temperature().fit(rule.rule_.combine(logits[:, rows]), labels[rows])
    assert rule.after_[0].temperature_ > 2 * naive.temperature_


def test_rows_of_a_class_each_leave_no_folds_and_no_error(problem: Callable) -> None:
    logits, labels = problem()
    rows = [np.flatnonzero(labels == label)[0] for label in range(3)]
    assert Calibrated(rule=Greedy()).fit(logits[:, rows], labels[rows]).after_[0].temperature_ > 0
