"""ensembles/shares.py: intervals against Clopper and Pearson's, and how often they hold the truth."""

import numpy as np
import pandas
import pytest
from scipy.stats import binomtest

from ensembles.shares import recalls, share_interval

pytestmark = pytest.mark.fits


@pytest.mark.parametrize(("right", "rows"), [(35, 35), (34, 35), (0, 7), (1, 1), (180, 200)])
def test_right_and_wrong_rows_have_clopper_and_pearson_s_interval(right: int, rows: int) -> None:
    exact = binomtest(right, rows).proportion_ci(method="exact")
    found = share_interval([1.0] * right + [0.0] * (rows - right))
    assert (found.low, found.high) == pytest.approx((exact.low, exact.high))
    drawn = share_interval([1.0] * right + [0.0] * (rows - right), groups=range(rows), resamples=20_000)
    assert (drawn.low, drawn.high) == pytest.approx((exact.low, exact.high), abs=0.01)


def test_no_errors_are_no_certainty() -> None:
    labels = np.arange(35) % 5
    found = share_interval(np.ones(35), labels)
    assert (found.value, found.high) == (1, 1)
    assert 0.7 < found.low < 0.95
    none = share_interval(np.zeros(35), labels)
    assert (none.value, none.low) == (0, 0)
    assert 0.05 < none.high < 0.3


def test_more_rows_say_more_and_copies_in_groups_do_not() -> None:
    labels = np.arange(40) % 2
    few = share_interval(np.ones(40), labels)
    assert share_interval(np.ones(400), labels.repeat(10)).low > few.low
    groups = np.arange(40).repeat(10)
    assert share_interval(np.ones(400), labels.repeat(10), groups=groups).low == pytest.approx(few.low, abs=0.01)


def test_shares_between_0_and_1_and_uneven_groups() -> None:
    random = np.random.default_rng(0)
    scores, labels = random.integers(0, 56, 90) / 55, np.arange(90) % 3
    found = share_interval(scores, labels, groups=random.integers(0, 20, 90))
    assert 0 <= found.low < found.value < found.high <= 1
    assert found.value == pytest.approx(np.mean([scores[labels == label].mean() for label in range(3)]))


@pytest.mark.parametrize("rows", [20, 50, 200])
@pytest.mark.parametrize("error", [0.0, 0.01, 0.05])
@pytest.mark.parametrize("classes", [1, 4])
def test_intervals_hold_the_truth_as_often_as_they_say(rows: int, error: float, classes: int) -> None:
    random, labels = np.random.default_rng(rows), np.arange(rows) % classes
    held = 0
    for seed in range(100):
        right = random.random(rows) >= error
        found = share_interval(right, labels if classes > 1 else None, resamples=300, seed=seed)
        held += found.low <= 1 - error <= found.high
    assert held >= 90


def test_groups_that_err_as_one_are_held_too() -> None:
    random, labels, groups = np.random.default_rng(0), np.arange(300) // 10 % 2, np.arange(300) // 10
    held = {"rows": 0, "groups": 0}
    for _ in range(100):
        right = (random.random(30) >= 0.1)[groups]  # a patient is right or wrong as a whole
        for way, given in (("rows", None), ("groups", groups)):
            found = share_interval(right, labels, groups=given, resamples=300)
            held[way] += found.low <= 0.9 <= found.high
    assert held["groups"] >= 90 > held["rows"]


def test_recalls_are_of_the_classes_that_have_rows() -> None:
    found = recalls(np.array([True] * 9 + [False]), np.array([2] * 9 + [5]), groups=list("aaabbbcccd"))
    assert set(found) == {2, 5}
    assert (found[2].value, found[5].value) == (1, 0)
    assert found[2].low < recalls(np.ones(9), np.full(9, 2))[2].low  # three groups, not nine rows


@pytest.mark.parametrize("scores", [[], [[1.0]], [1.5], [np.nan], [-0.1]])
def test_scores_that_are_no_shares_are_refused(scores: list) -> None:
    with pytest.raises(ValueError, match="0 to 1"):
        share_interval(scores)


@pytest.mark.parametrize("what", ["labels", "groups"])
def test_labels_and_groups_are_one_a_row(what: str) -> None:
    with pytest.raises(ValueError, match=what):
        share_interval([1.0, 0.0], **{what: [1]})


DATES = np.array(["2026-01-01", "NaT", "2026-01-02"], "datetime64[ns]")


@pytest.mark.parametrize("groups", [[None, "a", "b"], [np.nan, 1.0, 1.0], [pandas.NA, "a", "b"], DATES])
def test_missing_groups_are_refused(groups: list[object]) -> None:
    with pytest.raises(ValueError, match=r"groups without missing ones.*1"):
        share_interval([1.0, 0.0, 1.0], groups=groups)
