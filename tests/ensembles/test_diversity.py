"""ensembles/diversity.py: by hand, against scikit-learn and NumPy, and identities that hold for any members."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import matthews_corrcoef

from ensembles import Calibrated, Soft, Weighted, diversity
from ensembles.diversity import removal
from ensembles.metrics import brier, log_loss
from ensembles.weighted_mean import for_members

# Members worse than chance, which some of these are, look like ones with other columns.
pytestmark = pytest.mark.filterwarnings("ignore:Expected columns in the order")

SKILLS = st.lists(st.floats(-1, 4), min_size=1, max_size=4).map(tuple)
SEEDS = st.integers(0, 2**32 - 1)
PROPERTY = settings(deadline=None, max_examples=30, derandomize=True, database=None)

# Two classes, five rows; member 0 errs on the last row, member 1 on the last two, member 2 on the first.
LABELS = np.array([0, 1, 0, 1, 0])
RIGHT = np.array([[1, 1, 1, 1, 0], [1, 1, 1, 0, 0], [0, 1, 1, 1, 1]], bool)
LOGITS = np.eye(2)[np.where(RIGHT, LABELS, 1 - LABELS)] * 3.0


def test_by_hand() -> None:
    np.testing.assert_allclose(diversity.disagreement(LOGITS, LABELS)[0], [0, 0.2, 0.4])
    np.testing.assert_allclose(diversity.double_fault(LOGITS, LABELS)[0], [0.2, 0.2, 0])
    # 0 and 1: both right 3, neither 1, only 0 1, only 1 0: (3 - 0) / (3 + 0); 0 and 2: (3 * 0 - 1 * 1) / 1.
    np.testing.assert_allclose(diversity.q_statistic(LOGITS, LABELS)[0], [1, 1, -1])


def test_error_correlation_is_matthews(problem: Callable) -> None:
    logits, labels = problem()
    right = logits.argmax(axis=-1) == labels
    found = diversity.error_correlation(logits, labels)
    for one in range(3):
        for other in range(3):
            assert found[one, other] == pytest.approx(matthews_corrcoef(right[one], right[other]))


def test_members_without_errors_have_no_q_and_no_correlation() -> None:
    logits = np.stack([np.eye(2)[LABELS] * 3.0] * 2)
    assert np.isnan(diversity.q_statistic(logits, LABELS)).all()
    assert np.isnan(diversity.error_correlation(logits, LABELS)).all()


@PROPERTY
@given(SKILLS, SEEDS)
def test_measures_are_symmetric_and_bounded(problem: Callable, skills: tuple, seed: int) -> None:
    logits, labels = problem(skills, seed=seed)
    for measure, low in (("disagreement", 0), ("double_fault", 0), ("q_statistic", -1), ("error_correlation", -1)):
        found = getattr(diversity, measure)(logits, labels)
        np.testing.assert_allclose(found, found.T)
        assert np.nanmin(found, initial=0) >= low - 1e-9
        assert np.nanmax(found, initial=0) <= 1 + 1e-9


@PROPERTY
@given(SKILLS, SEEDS)
def test_loss_of_the_mean_is_mean_of_losses_less_ambiguity(problem: Callable, skills: tuple, seed: int) -> None:
    logits, labels = problem(skills, seed=seed)
    for over, loss in (("logits", log_loss), ("probabilities", brier)):
        found = diversity.ambiguity(logits, labels, over)
        combined = Soft(over=over).fit(logits, labels).combine(logits)
        assert found.ensemble == pytest.approx(loss(combined, labels), abs=1e-5)
        assert found.ambiguity >= -1e-12
        assert found.members - found.ambiguity == pytest.approx(found.ensemble)


def test_removing_a_harmful_member_helps_and_removing_the_best_one_costs(problem: Callable) -> None:
    logits, labels = problem(skills=(3.0, -2.0, 1.0), samples=300)
    best, harmful, _ = diversity.removal(Soft(), logits, labels)
    assert best.high < 0 < harmful.low


def test_removing_a_copy_costs_nothing_that_shows(problem: Callable) -> None:
    logits, labels = problem(skills=(2.0, 2.0), samples=300)
    copies = np.concatenate([logits, logits])
    assert all(cost.low <= 0 <= cost.high for cost in diversity.removal(Soft(), copies, labels))


def test_one_member_cannot_be_removed(problem: Callable) -> None:
    with pytest.raises(ValueError, match="2 members"):
        diversity.removal(Soft(), *problem(skills=(1.0,)))


def test_ambiguity_is_over_logits_or_probabilities(problem: Callable) -> None:
    with pytest.raises(ValueError, match="votes"):
        diversity.ambiguity(*problem(), over="votes")


def test_weights_of_the_users_own_are_those_of_the_members_that_stay():
    random, labels = np.random.default_rng(0), np.arange(200) % 2
    logits = random.normal(size=(3, 200, 2)) + np.array([2, 1, 0])[:, None, None] * np.eye(2)[labels]
    costs = removal(Weighted(weights=[0.5, 0.3, 0.2]), logits, labels)
    for member, rest in enumerate(([1, 2], [0, 2], [0, 1])):
        weights = np.array([0.5, 0.3, 0.2])[rest]
        alone = np.einsum("m,mnc->nc", weights / weights.sum(), logits[rest])
        whole = np.einsum("m,mnc->nc", [0.5, 0.3, 0.2], logits)
        expected = (alone.argmax(1) == labels).mean() - (whole.argmax(1) == labels).mean()
        assert costs[member].value == pytest.approx(expected)
    assert for_members(Calibrated(rule=Weighted(weights=[1, 0, 0])), [1, 2]).rule.weights == [1.0, 1.0]


def test_intervals_count_groups_also_where_no_fold_can_keep_them_together():
    random, labels = np.random.default_rng(0), np.arange(200) % 2
    logits = random.normal(size=(2, 200, 2)) + np.eye(2)[labels]
    groups = np.where(labels == 0, 0, 1 + np.arange(200) // 40)  # one group alone of class 0
    by_rows, by_groups = removal(Soft(), logits, labels), removal(Soft(), logits, labels, groups=groups)
    assert by_groups[0].value == by_rows[0].value
    assert by_groups[0] != by_rows[0]
