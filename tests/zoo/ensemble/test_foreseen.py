"""zoo/ensemble/foreseen.py: what fits into a time limit, by seconds that are given."""

import pytest

from zoo.data import split
from zoo.ensemble import foreseen as module
from zoo.ensemble.foreseen import foreseen
from zoo.ensemble_options import EnsembleOptions
from zoo.training.recipe import Recipe

MEMBERS = ["simple_cnn x3"]


@pytest.fixture
def within(blobs, monkeypatch):
    """Foresee three members of twelve epochs, each of which takes a second."""

    def seconds(choice, /, *, measured=True):
        return float(len(choice.plans) * choice.recipe.epochs)

    monkeypatch.setattr(module, "forecaster", lambda *_: seconds)
    data = split(blobs, validation=0.25)

    def found(limit, **options):
        own = EnsembleOptions(time_limit=limit, weights=None, recipe=Recipe(epochs=12, head_epochs=0), **options)
        return foreseen(own, MEMBERS, None, data)

    return found


def test_all_fits_into_much_time(within):
    found = within(1000)
    assert len(found.members) == 3
    assert found.within.startswith("time limit 16.7 min: simple_cnn with 12 epochs after about 12 s, then this plan: ")
    assert found.within.endswith("3 of 3 members, 12 of 12 epochs")


def test_fewer_members_and_epochs_fit_into_less(within):
    found = within(20)
    assert (len(found.members), found.options.recipe.epochs) == (2, 7)
    assert found.within.endswith("2 of 3 members, 7 of 12 epochs")


@pytest.mark.parametrize("limit", [0.5, 1.2])
def test_the_least_is_planned_where_nothing_fits(within, limit):
    found = within(limit)
    assert (len(found.members), found.options.recipe.epochs) == (1, 1)
    assert ("too short for simple_cnn with 1 epoch" in found.within) == (limit < 1)


def test_time_that_has_passed_is_not_planned_for(blobs, monkeypatch):
    monkeypatch.setattr(module, "forecaster", lambda *_: lambda choice, **_: float(choice.recipe.epochs))
    options = EnsembleOptions(time_limit=20, weights=None, recipe=Recipe(epochs=30, head_epochs=0))
    data = split(blobs, validation=0.25)
    epochs = [foreseen(options, ["simple_cnn"], None, data, spent=spent).options.recipe.epochs for spent in (0, 9)]
    assert epochs[0] > epochs[1]


def test_nothing_is_said_without_a_limit(blobs):
    assert foreseen(EnsembleOptions(), MEMBERS, None, split(blobs, validation=0.25)).within == ""
