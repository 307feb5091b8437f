"""ensembles/abstention.py: by hand, and that promises are kept on other rows."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from ensembles.abstention import choose_abstention

UNSURE = np.array([0.1, 0.2, 0.3, 0.4, 0.5])
RIGHT = np.array([1, 1, 0, 1, 1], bool)


@pytest.mark.parametrize(
    ("error", "threshold", "accepted"), [(0.01, 0.2, 0.4), (0.2, 0.5, 1.0), (0.25, 0.5, 1.0), (0.19, 0.2, 0.4)]
)
def test_by_hand(error: float, threshold: float, accepted: float) -> None:
    found = choose_abstention(UNSURE, RIGHT, error)
    assert (found.threshold, found.accepted) == (threshold, accepted)
    assert found.error <= error


def test_nothing_is_accepted_where_the_most_certain_row_is_wrong() -> None:
    found = choose_abstention(UNSURE, ~RIGHT, 0.1)
    assert found.accepted == 0
    assert not found.accepts(np.append(UNSURE, -1e9)).any()  # nor rows that are more certain than all given ones


def test_rows_of_equal_uncertainty_are_accepted_together() -> None:
    found = choose_abstention([0.1, 0.2, 0.2, 0.2], np.array([1, 1, 1, 0], bool), 0.2)
    assert found.threshold == 0.1


@settings(deadline=None, max_examples=50, derandomize=True, database=None)
@given(st.lists(st.tuples(st.integers(0, 9), st.booleans()), min_size=1, max_size=60), st.floats(0.01, 0.9))
def test_the_error_rate_is_kept_and_no_higher_threshold_keeps_it(rows: list, error: float) -> None:
    unsure, right = np.array([row[0] for row in rows], float), np.array([row[1] for row in rows])
    found = choose_abstention(unsure, right, error)
    accepts = found.accepts(unsure)
    assert found.accepted == pytest.approx(accepts.mean())
    assert not accepts.any() or (~right[accepts]).mean() <= error
    for threshold in unsure[unsure > found.threshold]:
        assert (~right[unsure <= threshold]).mean() > error


def test_with_confidence_the_promise_is_kept_on_other_rows() -> None:
    """Chance of an error grows with the uncertainty: what is accepted up to t errs t / 2 of the time."""
    random, broken = np.random.default_rng(0), {None: 0, 0.9: 0}
    for _ in range(100):
        unsure = random.uniform(size=400)
        right = random.uniform(size=400) > unsure
        for confidence in broken:
            found = choose_abstention(unsure, right, 0.1, confidence=confidence)
            broken[confidence] += found.threshold / 2 > 0.1
    assert broken[0.9] <= 10 < broken[None]


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ((UNSURE, RIGHT[:3], 0.1), r"\(3,\)"),
        ((UNSURE * np.nan, RIGHT, 0.1), "finite"),
        ((UNSURE, RIGHT, 1), "error"),
    ],
)
def test_wrong_input_is_told(arguments: tuple, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        choose_abstention(*arguments)
    with pytest.raises(ValueError, match=r"confidence.*2"):
        choose_abstention(UNSURE, RIGHT, 0.1, confidence=2)


@pytest.mark.parametrize(("rows", "wrong", "accepted"), [(298, 0, 0.0), (299, 0, 1.0), (472, 1, 0.0), (473, 1, 1.0)])
def test_with_confidence_all_are_accepted_where_the_binomial_test_says_so(
    rows: int, wrong: int, accepted: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With one start; 0.99^299 < 0.05, so 299 rows are enough if all are right."""
    monkeypatch.setattr("ensembles.abstention.STARTS", 1)
    right = np.arange(rows) < rows - wrong
    assert (binomtest(wrong, rows, 0.01, alternative="less").pvalue <= 0.05) == accepted
    assert choose_abstention(np.arange(rows), right, 0.01, confidence=0.95).accepted == accepted


def test_perfect_predictions_are_accepted_from_few_rows_on() -> None:
    """Searching by halves looks at 350 of 700 first, where no number of errors is small enough, and then at fewer."""
    found = choose_abstention(np.arange(700), np.ones(700, bool), 0.01, confidence=0.95)
    assert found.accepted == 1


def test_early_errors_do_not_stop_every_sequence() -> None:
    right = np.ones(3000, bool)
    right[:5] = False
    found = choose_abstention(np.arange(3000), right, 0.01, confidence=0.95)
    assert found.accepted == 1


def test_class_ids_in_place_of_right_and_wrong_are_told() -> None:
    with pytest.raises(TypeError, match=r"bool.*predicted == labels"):
        choose_abstention(np.linspace(0, 1, 3), np.array([0, 1, 2]), 0.1)
