"""ensembles/bootstrap.py: intervals against binomial theory and SciPy, the sign test against all falls of coins."""

from collections.abc import Callable
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.stats import binom, bootstrap
from sklearn.metrics import accuracy_score

from ensembles.bootstrap import (
    Interval,
    difference,
    fewest_differing_rows,
    interval,
    mean_interval,
    row_scores,
    share_interval,
    sign_test,
)
from ensembles.metrics import accuracy, balanced_accuracy, log_loss
from ensembles.shares import interval_from


def predictions(right: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Logits of two alternating classes that are correct on the given rows, and the labels."""
    labels = np.arange(len(right)) % 2
    return np.eye(2)[np.where(right, labels, 1 - labels)] * 2.0, labels


def test_accuracy_s_interval_is_the_binomial_one() -> None:
    found = interval(*predictions(np.arange(400) >= 40), resamples=4000)
    low, high = binom.interval(0.95, 400, 0.9)
    assert found.value == 0.9
    assert found.low == pytest.approx(low / 400, abs=0.006)
    assert found.high == pytest.approx(high / 400, abs=0.006)


@pytest.mark.parametrize(
    ("score", "metric"), [("accuracy", accuracy), ("balanced_accuracy", balanced_accuracy), ("log_loss", log_loss)]
)
def test_values_are_the_metrics(problem: Callable, score: str, metric: Callable) -> None:
    logits, labels = problem(samples=91)
    found = interval(logits[1], labels, score, resamples=200)
    assert found.value == pytest.approx(metric(logits[1], labels))
    assert found.low < found.value < found.high
    apart = difference(logits[1], logits[0], labels, score, resamples=200)
    assert apart.value == pytest.approx(metric(logits[1], labels) - metric(logits[0], labels))


def test_the_paired_interval_is_scipy_s_of_the_same_draws(problem: Callable) -> None:
    """SciPy draws rows and asks scikit-learn for both accuracies; ours are the differences of rows."""
    logits, labels = problem(samples=120)
    predicted = logits.argmax(axis=-1)

    def apart(rows: np.ndarray) -> float:
        rows = rows.astype(int)
        return accuracy_score(labels[rows], predicted[2][rows]) - accuracy_score(labels[rows], predicted[0][rows])

    theirs = bootstrap(
        (np.arange(120),),
        apart,
        n_resamples=300,
        vectorized=False,
        method="percentile",
        confidence_level=0.9,
        rng=np.random.default_rng(7),
    ).confidence_interval
    ours = difference(logits[2], logits[0], labels, confidence=0.9, resamples=300, seed=7)
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high))


@pytest.mark.parametrize("batch", [1, 450, 10**9])
def test_how_many_are_drawn_batch_changes_nothing(
    problem: Callable, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    logits, labels = problem()
    expected = difference(logits[1], logits[0], labels, "log_loss", resamples=50)
    monkeypatch.setattr("ensembles.bootstrap.BATCH_ROWS", batch)
    assert difference(logits[1], logits[0], labels, "log_loss", resamples=50) == expected


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    random = np.random.default_rng(0)
    held = []
    for seed in range(200):
        found = interval(*predictions(random.uniform(size=150) < 0.8), resamples=300, seed=seed)
        held.append(found.low <= 0.8 <= found.high)
    assert 0.88 <= np.mean(held) <= 0.99


def test_what_both_get_right_cancels() -> None:
    """Two predictions that are correct on the same 300 of 400 rows, and one of them on 20 more."""
    first, labels = predictions(np.arange(400) < 320)
    second, _ = predictions(np.arange(400) < 300)
    apart = difference(first, second, labels)
    assert apart.low > 0
    assert interval(first, labels).low < interval(second, labels).high  # two intervals overlap


def test_equal_predictions_differ_by_nothing(problem: Callable) -> None:
    logits, labels = problem()
    assert difference(logits[0], logits[0] * 2, labels) == Interval(0, 0, 0)


def test_a_class_of_one_row_and_a_single_row_are_no_error() -> None:
    logits, labels = predictions(np.array([1, 1, 1, 0, 1, 0, 1], bool))
    labels[:] = [0, 0, 0, 0, 0, 0, 1]
    assert 0 <= interval(logits, labels, "balanced_accuracy").low <= 1
    single = interval(logits[:1], labels[:1])
    assert (single.value, single.high) == (1, 1)
    assert single.low == pytest.approx(0.025)


def test_few_rows_have_students_interval() -> None:
    """As SciPy computes it for one class, and by hand for two of two rows each: 1/4 of a row's deviation is added."""
    rows = np.array([0.1, 0.9, 0.4, 0.5, 0.2])
    low, high = stats.t.interval(0.95, 4, rows.mean(), stats.sem(rows))
    found = mean_interval(rows)
    assert (found.value, found.low, found.high) == pytest.approx((0.42, low, high))
    half = stats.t.ppf(0.975, 1) * np.sqrt(2 / 1 * 2 * (0.5 / 4) ** 2)
    found = mean_interval([1.0, 0.0, 1.0, 1.0], [0, 0, 1, 1])
    assert (found.value, found.low, found.high) == pytest.approx((0.75, 0.75 - half, 0.75 + half))


def test_classes_of_one_row_vary_as_rows_of_one_class() -> None:
    gains = np.array([1.0, 0.0, 0.0, -1.0, 1.0])
    assert mean_interval(gains, np.arange(5)) == mean_interval(gains)
    assert share_interval(gains == 1, np.arange(5), seed=1).low == pytest.approx(
        share_interval(gains == 1).low, abs=0.02
    )


def test_one_row_of_a_class_says_nothing_of_others() -> None:
    rows, labels = np.array([1.0] * 30 + [0.0] * 30 + [1.0]), np.array([0] * 60 + [1])
    found = mean_interval(rows, labels)
    assert (found.value, found.low, found.high) == (0.75, -np.inf, np.inf)
    assert mean_interval([0.0, 0.0, 0.0], [0, 0, 1]) == Interval(0, 0, 0)  # two equal models


def test_differences_of_rare_classes_are_not_sure() -> None:
    """Two equally good models on 40 classes of one image each: an interval excludes 0 in one of twenty sets."""
    random, excluded = np.random.default_rng(0), 0
    for _ in range(200):
        one, other = random.random((2, 40)) < 0.85
        found = mean_interval(one.astype(float) - other, np.arange(40))
        excluded += not found.low <= 0 <= found.high
    assert excluded <= 20


def test_intervals_are_those_of_rows_drawn_directly() -> None:
    random = np.random.default_rng(2)
    labels = np.repeat([0, 1, 2], [20, 50, 130])
    scores = random.integers(0, 56, 200) / 55
    drawn = [scores[labels == value][random.integers(0, n, (5000, n))] for value, n in enumerate((20, 50, 130))]
    low, high = np.percentile(np.mean([rows.mean(axis=1) for rows in drawn], axis=0), (2.5, 97.5))
    found = mean_interval(scores, labels, resamples=5000)
    assert (found.low, found.high) == (pytest.approx(low, abs=0.004), pytest.approx(high, abs=0.004))
    together = np.percentile(scores[random.integers(0, 200, (5000, 200))].mean(axis=1), (2.5, 97.5))
    found = mean_interval(scores, resamples=5000)
    assert (found.low, found.high) == (pytest.approx(together[0], abs=0.004), pytest.approx(together[1], abs=0.004))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 55), st.integers(0, 3)), min_size=1, max_size=40))
def test_the_value_lies_in_its_interval(rows: list[tuple[int, int]]) -> None:
    right, labels = np.array(rows).T
    for found in (mean_interval(right / 55, labels, resamples=200), share_interval(right / 55, labels)):
        assert found.low <= found.value + 1e-12
        assert found.value <= found.high + 1e-12


def test_predictions_have_the_interval_of_their_row_scores(problem: Callable) -> None:
    logits, labels = problem(samples=60)
    rows = row_scores(logits[0], labels, "balanced_accuracy")
    assert interval(logits[0], labels, "balanced_accuracy") == share_interval(rows, labels)
    assert interval(logits[0], labels, "accuracy") == share_interval(rows)
    losses = row_scores(logits[0], labels, "log_loss")
    assert interval(logits[0], labels, "log_loss") == mean_interval(losses)


def test_differences_of_groups_are_drawn_whole(problem: Callable) -> None:
    """Ten copies of every row say no more than one: by rows the interval is narrower, by groups as wide as before."""
    logits, labels = problem(samples=60)
    groups = np.arange(60)
    once = difference(logits[1], logits[0], labels, groups=groups)
    many = difference(
        logits[1].repeat(10, axis=0), logits[0].repeat(10, axis=0), labels.repeat(10), groups=groups.repeat(10)
    )
    assert (many.value, many.low, many.high) == pytest.approx((once.value, once.low, once.high))
    by_rows = difference(logits[1].repeat(10, axis=0), logits[0].repeat(10, axis=0), labels.repeat(10))
    assert by_rows.high - by_rows.low < 0.5 * (many.high - many.low)


def test_the_interval_of_groups_by_hand() -> None:
    """Groups' means 0, 0.5 and 1 of two rows each: 0.5, and 4.303 times sqrt(3/2 * (1/36 + 1/36)) on either side."""
    found = mean_interval([0, 0, 0, 1, 1, 1.0], groups=[0, 0, 1, 1, 2, 2])
    half = 4.302653 * np.sqrt(3 / 2 * 2 / 36)
    assert (found.value, found.low, found.high) == pytest.approx((0.5, 0.5 - half, 0.5 + half))


def test_one_group_says_nothing_of_others() -> None:
    found = mean_interval([0.0, 1.0], groups=["a", "a"])
    assert found == Interval(0.5, -np.inf, np.inf)
    assert found.as_dict() == {"value": 0.5, "low": None, "high": None}


def test_scores_of_one_group_that_cancel_say_nothing_of_others() -> None:
    assert mean_interval([1.0, -1.0], groups=["a", "a"]) == Interval(0.0, -np.inf, np.inf)
    assert mean_interval([0.0, 0.0], groups=["a", "a"]) == Interval(0.0, 0.0, 0.0)


def test_ends_are_scores_that_there_may_be() -> None:
    logits, labels = np.array([[5.0, 0], [0, 5], [4, 0], [0, 1], [1, 0]]), np.array([0, 1, 0, 0, 0])
    assert interval(logits, labels, "log_loss").low == 0
    assert difference(logits, -logits, labels).high == 1
    assert difference(-logits, logits, labels).low == -1
    assert difference(logits[:1], -logits[:1], labels[:1]).high == np.inf


def test_many_classes_are_no_table_of_rows_by_classes(monkeypatch: pytest.MonkeyPatch) -> None:
    labels, scores = np.repeat(np.arange(1000), 3), np.tile([0.1, 0.4, -0.2], 1000)
    monkeypatch.setattr("ensembles.shares.Strata.table", None)
    found = mean_interval(scores, labels)
    assert found.value == pytest.approx(0.1)
    spread = np.var([0.1, 0.4, -0.2], ddof=1) / 3 / 1000
    assert found.high - found.low == pytest.approx(2 * stats.t.ppf(0.975, 2000) * np.sqrt(spread))


def test_a_class_of_one_group_says_nothing_of_its_others() -> None:
    labels = np.array([0, 0, 1, 1, 1, 1])
    found = mean_interval([0, 1, 0, 0, 1, 1.0], labels, groups=[0, 0, 1, 1, 2, 2])
    assert (found.low, found.high) == (-np.inf, np.inf)
    assert interval_from(found.as_dict()) == found


@pytest.mark.parametrize(("rare", "least"), [(2, 0.84), (3, 0.9)])
def test_intervals_hold_where_a_class_has_few_groups(rare: int, least: float) -> None:
    random, held = np.random.default_rng(1), 0
    groups = np.repeat(np.arange(rare + 20), 10)
    labels = (groups >= rare).astype(int)
    for _ in range(300):
        gains = random.normal(0, 0.1, rare + 20)[groups] + random.normal(0, 0.2, len(groups))
        found = mean_interval(gains, labels, groups=groups)
        held += found.low <= 0 <= found.high
    assert held / 300 > least  # 0.75 and 0.86 by the freedom of all groups


@pytest.mark.parametrize("classes", ["mixed", "one a group"])
def test_intervals_of_few_groups_hold_the_truth_as_often_as_they_say(classes: str) -> None:
    random, held = np.random.default_rng(0), 0
    groups = np.repeat(np.arange(6), 20)
    for _ in range(200):
        labels = random.integers(2, size=120) if classes == "mixed" else groups % 2
        gains = random.normal(0, 0.1, 6)[groups] + random.choice([-1, 0, 0, 0, 0, 1], 120)
        found = mean_interval(gains, labels, groups=groups)
        held += found.low <= 0 <= found.high
    assert held / 200 > 0.88  # 0.80 and 0.76 where groups are resampled


@pytest.mark.parametrize("scores", [[], [[1.0, 0.0]], [1.0, np.nan], [1.0, 1.0, 0.0]])
def test_scores_that_are_none_are_refused(scores: list) -> None:
    with pytest.raises(ValueError, match=r"finite.*score"):
        mean_interval(scores, [0, 1])


def test_an_unknown_score_is_told(problem: Callable) -> None:
    logits, labels = problem()
    with pytest.raises(ValueError, match=r"balanced_accuracy.*f1"):
        interval(logits[0], labels, "f1")


@pytest.mark.parametrize("confidence", [95, 0, 1, -0.5])
def test_a_confidence_that_is_none_is_told(confidence: float) -> None:
    with pytest.raises(ValueError, match="confidence"):
        mean_interval([0.0, 1.0, 1.0], confidence=confidence)


@pytest.mark.parametrize(("wins", "losses"), [(6, 0), (5, 2), (4, 4), (2, 7), (0, 3)])
def test_the_sign_test_against_all_falls_of_the_coins(wins: int, losses: int) -> None:
    one, labels = predictions(np.array([1] * wins + [0] * losses + [1, 1, 0, 0], bool))
    other, _ = predictions(np.array([0] * wins + [1] * losses + [1, 1, 0, 0], bool))
    falls = [sum(coins) >= wins for coins in product([0, 1], repeat=wins + losses)]
    assert sign_test(one, other, labels) == pytest.approx(np.mean(falls))


def test_equal_predictions_are_not_better() -> None:
    one, labels = predictions(np.array([1, 0, 1], bool))
    assert sign_test(one, one, labels) == 1


@pytest.mark.parametrize("level", [0.5, 0.05, 0.01, 0.0025])
def test_the_fewest_differing_rows_reach_the_level_and_one_less_does_not(level: float) -> None:
    rows = fewest_differing_rows(level)
    for number, reaches in ((rows, True), (rows - 1, False)):
        one, labels = predictions(np.array([1] * number + [1], bool))
        other, _ = predictions(np.array([0] * number + [1], bool))
        assert (sign_test(one, other, labels) <= level) == reaches
