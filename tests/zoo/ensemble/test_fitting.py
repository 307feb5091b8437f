"""zoo/ensemble/fitting.py: what becomes of a fit in which a member cannot take part."""

import numpy as np
import pytest

from ensembles import Weighted
from zoo import Ensemble, Member, Recipe
from zoo.data import split
from zoo.models.plan import Plan

pytestmark = [pytest.mark.fits, pytest.mark.usefixtures("eagerly")]

ONCE = Recipe(head_epochs=1, epochs=0, validate="clean", augment="none")


@pytest.fixture(scope="module")
def splits(blobs):
    return split(blobs, validation=0.25, test=0.25)


@pytest.fixture
def leaky(flat, splits):
    """A fitted member that has seen the held-out images, and those of the test split."""
    member = Member("leaky", Plan(backbone=flat))
    member.fit(splits.test, splits.test, ONCE)
    member.learned_from |= frozenset(splits.validation.digests)
    return member


def test_a_rule_of_the_users_weights_loses_those_of_a_member_that_is_refused(leaky, flat, splits, one_rule, tmp_path):
    members, rule = [flat, leaky, flat], Weighted(weights=[0.5, 0.3, 0.2])
    ensemble = Ensemble(members, recipe=ONCE, store=tmp_path, method=rule).fit(splits)
    assert set(ensemble.failures_) == {"leaky"}
    np.testing.assert_allclose(ensemble.rule_.weights_, [5 / 7, 2 / 7])
    assert rule.weights == [0.5, 0.3, 0.2]


@pytest.mark.parametrize(("weights", "snapshots"), [([1, 2, 3], 1), ([1, 2], 2)])
def test_weights_of_other_members_are_refused_before_any_training(weights, snapshots, flat, splits, monkeypatch):
    monkeypatch.setattr("zoo.ensemble.fitting.find_candidates", None)
    recipe = Recipe(head_epochs=1, epochs=1)
    ensemble = Ensemble([flat] * 2, recipe=recipe, snapshots=snapshots, method=Weighted(weights=weights))
    with pytest.raises(ValueError, match=rf"weights of {2 * snapshots} members; received {len(weights)}"):
        ensemble.fit(splits)


def test_images_of_a_member_that_was_refused_trained_none_that_answer(leaky, flat, splits, one_rule, tmp_path):
    ensemble = Ensemble([leaky, flat], recipe=ONCE, store=tmp_path).fit(splits)
    assert ensemble.leaderboard(splits.test).where == "24 images (given); no member or rule saw any of them"
