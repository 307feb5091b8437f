import warnings
from itertools import permutations

import numpy as np
import pytest

import ensembles
from ensembles.chance import _deviation, guessing


def _told(logits, labels, rule="soft"):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        ensembles.make_rule(rule).fit(logits, labels)
    return [str(one.message) for one in caught]


def _answers(random, labels, classes, kappa):
    """Answers that are right for a share of the rows, and guesses in the others."""
    return np.where(random.random(len(labels)) < kappa, labels, random.integers(0, classes, len(labels)))


@pytest.mark.parametrize("rule", ["soft", "weighted", "auto"])
@pytest.mark.parametrize(("classes", "rows"), [(2, 300), (3, 150), (8, 100)])
def test_a_member_whose_rows_are_in_another_order_is_named_with_its_score(rule, classes, rows):
    random, labels = np.random.default_rng(0), np.arange(rows) % classes
    logits = 4 * np.eye(classes)[labels] + random.normal(size=(3, rows, classes))
    logits[1] = logits[1][random.permutation(rows)]
    (text,) = _told(logits, labels, rule)
    found = guessing(logits[1].argmax(axis=1), labels)
    assert found.guessed == pytest.approx(rows / classes, rel=0.01)
    assert f"member 1, right on {found.right} of {rows} rows, about {found.guessed:.0f} by guessing" in text
    assert "same order" in text


def test_all_of_them_are_named_where_the_labels_are():
    random, labels = np.random.default_rng(0), np.arange(200) % 4
    logits = 4 * np.eye(4)[labels] + random.normal(size=(3, 200, 4))
    (text,) = _told(logits, random.permutation(labels))
    assert "member 0" in text
    assert text.endswith("The same of members 1, 2.")


def test_columns_in_another_order_are_told_as_that_alone():
    random, labels = np.random.default_rng(0), np.arange(200) % 4
    logits = 4 * np.eye(4)[labels] + random.normal(size=(2, 200, 4))
    logits[0] = logits[0][:, [1, 2, 3, 0]]
    (text,) = _told(logits, labels)
    assert "in another order. If it learned" in text


@pytest.mark.parametrize("kappa", [0.3, 0.5])
@pytest.mark.parametrize(("classes", "rows"), [(2, 12), (2, 60), (3, 30), (3, 200), (8, 40), (8, 400)])
def test_an_honest_member_is_not_doubted_on_few_rows_nor_on_many(classes, rows, kappa):
    random, labels = np.random.default_rng(1), np.arange(rows) % classes
    doubted = [guessing(_answers(random, labels, classes, kappa), labels) for _ in range(500)]
    assert sum(one is not None for one in doubted) <= 3


def test_what_is_right_by_lot_has_the_mean_and_the_deviation_of_all_orders():
    answers, labels = np.array([0, 0, 1, 2, 0]), np.array([0, 1, 1, 2, 0])
    right = [(answers[list(rows)] == labels).sum() for rows in permutations(range(5))]
    deviation = _deviation(np.bincount(labels), np.bincount(answers))
    assert deviation == pytest.approx(np.std(right))


@pytest.mark.parametrize("rows", [60, 300, 1000])
def test_nor_is_one_that_knows_a_rare_class_and_answers_it_too_often(rows):
    random, labels = np.random.default_rng(1), (np.arange(rows) % 10 == 0).astype(int)
    doubted = 0
    for _ in range(200):
        rare = (labels == 1) & (random.random(rows) < 0.7) | (random.random(rows) < 0.1)
        doubted += guessing(rare.astype(int), labels) is not None
    assert doubted <= 2


def test_a_weak_member_that_knows_something_is_not_on_many_rows():
    random, labels = np.random.default_rng(1), np.arange(5000) % 3
    assert guessing(_answers(random, labels, 3, 0.1), labels) is None


def test_chance_is_that_of_the_answers_it_gives():
    """The commonest class for all rows is right on most of them, and says nothing."""
    labels = (np.arange(2000) % 5 == 0).astype(int)
    found = guessing(np.zeros(2000, int), labels)
    assert (found.rows, found.right, found.guessed) == (2000, 1600, pytest.approx(1600))


def test_rows_of_one_class_tell_nothing():
    labels, predicted = np.zeros(5000, int), (np.arange(5000) % 10 == 0).astype(int)
    assert guessing(predicted, labels) is None


def test_it_is_told_at_the_users_line():
    labels = np.arange(300) % 3
    with pytest.warns(UserWarning, match="answer better than chance") as caught:
        ensembles.Calibrated(rule=ensembles.Soft()).fit(np.random.default_rng(0).normal(size=(1, 300, 3)), labels)
    assert [one.filename for one in caught] == [__file__]
