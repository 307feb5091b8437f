"""ensembles/pruning.py: what may go, what has to stay, and that the search is judged by rows that did not choose."""

import numpy as np
import pytest

from ensembles.bootstrap import difference
from ensembles.pruning import fewest_rows, prune

ROWS = 900
LABELS = np.arange(ROWS) % 3


def _members(*skills, seed=0):
    random = np.random.default_rng(seed)
    return random.normal(size=(len(skills), ROWS, 3)) + np.array(skills)[:, None, None] * np.eye(3)[LABELS]


def _mean(members):
    return lambda some: members[list(some)].mean(axis=0)


def test_what_adds_nothing_goes_and_what_is_needed_stays():
    members = _members(6, 6, 0)
    assert prune(_mean(members), [1, 1, 1], LABELS, needed=[0, 1]).kept == (0, 1)
    assert 2 in prune(_mean(members), [1, 1, 1], LABELS, needed=[2]).kept


def test_the_most_expensive_of_equals_goes_first():
    members = np.repeat(_members(6), 3, axis=0)
    assert prune(_mean(members), [1, 9, 5], LABELS, least=2).kept == (0, 2)


def test_members_that_help_each_other_stay():
    found = prune(_mean(_members(1, 1, 1)), [1, 1, 1], LABELS)
    assert found.kept == (0, 1, 2)
    assert found.difference is None
    assert all(gain.low < -0.005 for gain in found.removal.values())


def test_few_rows_show_nothing_unless_predictions_are_the_same():
    rows = np.arange(90)
    members = np.concatenate([np.tile(_members(6), (2, 1, 1)), _members(6, seed=1)])[:, rows]
    assert prune(_mean(members), [1, 1, 1], LABELS[rows]).kept == (0, 1, 2)
    assert prune(lambda some: members[min(some)], [1, 2, 3], LABELS[rows]).kept == (0,)


def test_the_search_is_refused_where_it_loses_on_rows_that_did_not_choose(monkeypatch):
    members = np.repeat(_members(6), 2, axis=0)
    worse = np.roll(members.mean(axis=0), 1, axis=1)
    monkeypatch.setattr("ensembles.pruning.nested_predictions", lambda *given, **how: worse)
    found = prune(_mean(members), [1, 1], LABELS)
    assert (found.kept, found.refused) == ((0, 1), (0,))
    assert found.difference == difference(worse, members.mean(axis=0), LABELS, "balanced_accuracy")


def test_rows_that_are_needed_are_those_of_the_rule_of_three():
    assert fewest_rows(0.005) == pytest.approx(3 / 0.005, rel=0.01)
