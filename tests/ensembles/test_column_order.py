"""ensembles/column_order.py: the order of a member's columns, told by its answers, and the warning of it."""

import warnings

import numpy as np
import pytest

import ensembles
from ensembles.column_order import best_order, is_better, other_order, right_reordered


def test_the_best_order_is_found_and_the_present_one_kept_where_it_is_as_good():
    labels = np.repeat(np.arange(4), 5)
    order = np.array([2, 0, 3, 1])
    np.testing.assert_array_equal(best_order(order[labels], labels, 4), order)
    np.testing.assert_array_equal(best_order(np.zeros(20, int), labels, 4), np.arange(4))


@pytest.mark.parametrize("rows", [22, 44, 200])
def test_guesses_are_no_better_in_any_order(rows):
    """Of a network that knows nothing some order is always better on the rows that choose it."""
    found = 0
    for seed in range(100):
        random = np.random.default_rng(seed)
        labels, predicted = np.arange(rows) % 11, random.integers(0, 11, rows)
        found += is_better(right_reordered(predicted, labels, 11), predicted == labels)
    assert found <= 1


@pytest.mark.parametrize("accuracy", [0.2, 0.35, 0.5])
def test_a_weak_but_honest_member_is_better_as_it_is(accuracy):
    for seed in range(50):
        random = np.random.default_rng(seed)
        labels = np.arange(200) % 8
        predicted = np.where(random.random(200) < accuracy, labels, random.integers(0, 8, 200))
        assert not is_better(right_reordered(predicted, labels, 8), predicted == labels)


def test_two_rows_a_class_show_another_order():
    labels = np.arange(22) % 11
    predicted = np.random.default_rng(0).permutation(11)[labels]
    assert is_better(right_reordered(predicted, labels, 11), predicted == labels)


def _logits(random, labels, classes, accuracy):
    """A member that is right so often, and else guesses, as sure as it is right."""
    own = np.where(random.random(len(labels)) < accuracy, labels, random.integers(0, classes, len(labels)))
    return random.normal(size=(len(labels), classes)) + 4 * np.eye(classes)[own]


def _warned(function, *arguments):
    """What is said of the order; a member of noise is told of as well, of its own kind."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        function(*arguments)
    texts = [str(one.message) for one in caught]
    return [text for text in texts if not text.startswith("Expected members that answer better")]


@pytest.mark.parametrize("classes", [2, 3, 10, 40])
@pytest.mark.parametrize("accuracy", [0.6, 0.95])
def test_the_member_whose_columns_are_permuted_is_named_with_the_order(classes, accuracy):
    random = np.random.default_rng(classes)
    labels = random.integers(0, classes, 500)
    columns = np.roll(np.arange(classes), 1)
    logits = np.stack([_logits(random, labels, classes, accuracy) for _ in range(3)])
    logits[1] = logits[1][:, columns]
    (text,) = _warned(ensembles.Soft().fit, logits, labels)
    assert "member 1," in text
    assert "logits[1] = logits[1][:, " in text
    order = other_order(logits[1], labels).order
    assert (str(order.tolist()) in text) == (classes <= 20)
    logits[1] = logits[1][:, order]
    assert not _warned(ensembles.Soft().fit, logits, labels)


def test_two_swapped_classes_of_many_are_found_and_rows_that_are_sorted_by_class_too():
    random, labels = np.random.default_rng(0), np.sort(np.arange(400) % 8)
    logits = np.stack([_logits(random, labels, 8, 0.9) for _ in range(2)])
    logits[0] = logits[0][:, [0, 1, 5, 3, 4, 2, 6, 7]]
    (text,) = _warned(ensembles.Hard().fit, logits, labels)
    assert "member 0," in text
    assert "[0, 1, 5, 3, 4, 2, 6, 7]" in text


def test_several_permuted_members_are_one_warning():
    random, labels = np.random.default_rng(0), np.arange(300) % 3
    logits = np.stack([_logits(random, labels, 3, 0.9)[:, [1, 2, 0]] for _ in range(3)])
    (text,) = _warned(ensembles.out_of_fold, ensembles.Soft(), logits, labels)
    assert "members 1, 2" in text


@pytest.mark.parametrize("classes", [2, 3, 10])
@pytest.mark.parametrize("accuracy", [0.0, 0.1, 0.4])
def test_honest_weak_members_are_not_warned_of(classes, accuracy):
    random = np.random.default_rng(1)
    labels = random.choice(classes, 300, p=np.arange(1, classes + 1) / np.arange(1, classes + 1).sum())
    logits = np.stack([_logits(random, labels, classes, accuracy) for _ in range(20)])
    assert not _warned(ensembles.Soft().fit, logits, labels)


def test_members_that_prefer_a_rare_class_or_confuse_two_are_not_warned_of():
    random, labels = np.random.default_rng(0), (np.arange(1000) % 10 == 0).astype(int)
    biased = np.where((labels == 0) & (random.random(1000) < 0.8), 1, labels)  # nine tenths are of class 0
    constant = np.ones(1000, int)
    assert not _warned(ensembles.Soft().fit, 3.0 * np.eye(2)[np.stack([biased, constant])], labels)
    third = np.arange(900) % 3
    confused = np.where(third == 2, random.choice([1, 2], 900, p=[0.6, 0.4]), third)
    confused = np.where(third == 1, random.choice([1, 2], 900, p=[0.4, 0.6]), confused)
    assert not _warned(ensembles.Soft().fit, 3.0 * np.eye(3)[confused][None], third)
    contrary = np.random.default_rng(0).normal(size=(1, 900, 3)) - 4 * np.eye(3)[third]
    assert not _warned(ensembles.Soft().fit, contrary, third)
