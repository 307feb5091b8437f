"""zoo/members/entered.py: what a loaded ensemble is fitted again from."""

import keras
import numpy as np
import pytest

from ensembles import Weighted
from zoo import Ensemble, Recipe
from zoo.data import split
from zoo.members.entered import to_enter
from zoo.models import registry
from zoo.models.plan import Plan

pytestmark = [pytest.mark.fits, pytest.mark.usefixtures("eagerly")]

ONCE = Recipe(head_epochs=1, epochs=0, validate="clean", augment="none")


def _network():
    images = keras.Input((16, 16, 3))
    pooled = keras.layers.GlobalAveragePooling2D()(keras.layers.Rescaling(1 / 25)(images))
    return keras.Model(images, pooled, name="own")


def test_a_loaded_ensemble_is_fitted_again_as_it_was(flat, blobs, one_rule, tmp_path):
    members = [f"{flat} x2", Plan(backbone=flat, name="third", seed=7), _network()]
    rule = Weighted(weights=[0.4, 0.3, 0.2, 0.1])
    first = Ensemble(members, recipe=ONCE, store=tmp_path, method=rule).fit(split(blobs, validation=0.25))
    loaded = Ensemble.load(tmp_path)
    assert loaded.members[:3] == [flat, flat, members[1]]
    assert loaded.method.weights == rule.weights
    assert not hasattr(loaded.method, "weights_")
    again = loaded.fit(split(blobs, validation=0.25))
    assert again.keys_ == first.keys_
    np.testing.assert_array_equal(again.logits(blobs), first.logits(blobs))


def test_what_cannot_be_trained_here_enters_as_it_is(flat, blobs, one_rule, tmp_path, monkeypatch):
    first = Ensemble([flat, Plan(backbone=flat, seed=7)], recipe=ONCE, store=tmp_path).fit(blobs)
    monkeypatch.delitem(registry._SPECS, flat)
    assert [one.name for one in Ensemble.load(tmp_path).members] == [flat, f"{flat}_2"]
    monkeypatch.undo()
    assert to_enter((), first.members_) == [member.plan for member in first.members_]  # of an earlier version
