"""zoo/evaluation/subsets.py: the predictions and the state of some members."""

from types import SimpleNamespace

import numpy as np
import pytest

import ensembles
from ensembles.mahalanobis import FeatureDistance
from zoo.evaluation.subsets import SubsetPredictions, state_of
from zoo.state.out_of_distribution import OutOfDistribution


@pytest.fixture
def state(blobs, guesser, make_state):
    biases = ((0, 0, 0), (25, 0, 0), (0, 35, 0))
    members = [guesser(name, bias) for name, bias in zip("abc", biases, strict=True)]
    for member in members:
        vars(member).update(parameters=10, seconds=1, trained_on=5)
    logits = np.stack([member.logits(blobs) for member in members])
    rules = {"soft": ensembles.Soft(), "greedy": ensembles.Greedy(), "auto": ensembles.calibrated(ensembles.Auto())}
    distribution = OutOfDistribution(2, FeatureDistance(), np.zeros(len(blobs)))
    gains, store = {"a": 1, "b": 2}, SimpleNamespace(find_speed=lambda key: 100.0, root=None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("zoo.evaluation.subsets.fits_kept_in", lambda store: ensembles.input_warnings.without_warnings())
        patch.setattr("zoo.state.state.fits_kept_in", lambda store: ensembles.input_warnings.without_warnings())
        yield make_state(members, rules, blobs, logits, distribution=distribution, gains=gains, store=store)


def test_predictions_are_out_of_fold_and_made_once(state):
    held_out, predictions = state.held_out, SubsetPredictions(state, "soft")
    expected = ensembles.out_of_fold(ensembles.Soft(), held_out.logits[[0, 2]], held_out.labels)
    np.testing.assert_array_equal(predictions.of((0, 2)), expected)
    assert predictions.of((0, 2)) is predictions.of((0, 2))


def test_a_smaller_state_has_the_rule_of_its_members_alone(state):
    smaller = state_of(state, [0, 2], "auto")
    assert [member.name for member in smaller.members] == list(smaller.keys) == ["a", "c"]
    fresh = ensembles.calibrated(ensembles.Auto()).fit(state.held_out.logits[[0, 2]], state.held_out.labels)
    logits = state.held_out.logits[[0, 2]]
    np.testing.assert_array_equal(smaller.rule().combine(logits), fresh.combine(logits))
    assert (smaller.distribution.member, smaller.gains) == (1, {"a": 1})
    assert state_of(state, [0, 1], "soft").distribution is None
    assert (len(state.members), list(state.rules)) == (3, ["soft", "greedy", "auto"])


def test_its_leaderboard_says_what_these_images_chose(state):
    board = state_of(state, [0, 1], "soft").leaderboard
    assert {row["name"] for row in board} == {"a", "b", "soft"}
    assert "chose the members" in board.where


def test_a_rule_that_gives_a_member_no_weight_does_not_need_it(state):
    weights = state.rules["greedy"].weights_
    assert SubsetPredictions(state, "greedy").needs_all((0, 1, 2)) == bool((weights > 0).all())
    assert SubsetPredictions(state, "soft").needs_all((0, 1, 2))
