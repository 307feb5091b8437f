"""ensembles/pareto.py: the front, the best within a limit, and the score of that choice."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ensembles import metrics
from ensembles.pareto import Contest, pareto_front

LABELS = np.arange(90) % 3


@given(st.lists(st.tuples(*[st.integers(0, 4)] * 3), min_size=1, max_size=12))
def test_the_front_is_what_nothing_beats(rows):
    front = pareto_front([row[0] for row in rows], [row[1:] for row in rows])
    beaten = [
        any(a[0] >= b[0] and a[1] <= b[1] and a[2] <= b[2] and a != b for a in rows) for b in rows
    ]  # worked out pair by pair
    np.testing.assert_array_equal(front, np.logical_not(beaten))


def _contest(*wrong, labels=LABELS):
    """Candidates that are wrong on so many rows each, the first of the first class, and sure of all."""
    predictions = []
    for count in wrong:
        logits = 4.0 * np.eye(3)[labels]
        logits[np.flatnonzero(labels == 0)[:count]] = [0, 4, 0]
        predictions.append(logits)
    return Contest(predictions, labels)


def test_the_best_has_the_highest_balanced_accuracy_of_those_allowed():
    contest = _contest(3, 0, 1)
    assert contest.scores() == pytest.approx(
        [metrics.balanced_accuracy(logits, LABELS) for logits in contest.predictions]
    )
    assert contest.best([0, 1, 2]) == 1
    assert contest.best([0, 2]) == 2
    with pytest.raises(ValueError, match="empty"):
        contest.best([])


def test_of_equal_accuracies_the_lower_log_loss_is_better():
    unsure = Contest([np.eye(3)[LABELS] * 0.1, np.eye(3)[LABELS] * 5], LABELS)
    assert unsure.best([0, 1]) == 1


def test_the_score_of_a_choice_is_below_the_best_of_many_that_know_nothing():
    random = np.random.default_rng(0)
    contest = Contest(list(random.normal(size=(60, 90, 3))), LABELS)
    honest = contest.score_of_choice(range(60))
    assert contest.scores().max() > 0.45
    assert honest.value < 0.42
    assert honest.low < 1 / 3 < honest.high


def test_a_choice_that_is_always_the_same_keeps_its_score():
    contest = _contest(9, 2)
    assert contest.score_of_choice([0, 1]) == contest.interval(contest.predictions[1])
