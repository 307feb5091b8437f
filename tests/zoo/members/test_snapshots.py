"""Cycles of one training: each goes on from the one before, and each is a member."""

import keras
import numpy as np
import pytest

from zoo import Ensemble, Recipe
from zoo.data import Splits
from zoo.members.snapshots import UNMADE, next_cycle, run_cycles
from zoo.members.store import Store
from zoo.members.task import Outcome, Task
from zoo.models.plan import Plan

pytestmark = [pytest.mark.fits, pytest.mark.usefixtures("eagerly")]

RECIPE = Recipe(head_epochs=1, epochs=2, learning_rate=1e-2, augment="flips", patience=None)


@pytest.fixture
def data(blobs):
    return Splits(blobs.subset(np.arange(72)), blobs.subset(np.arange(72, 96)))


@pytest.fixture
def task(tiny, tiny_file, data):
    return Task(Plan(backbone=tiny, weights=str(tiny_file), classes=3, image_size=16), RECIPE, data)


class Starts(keras.callbacks.Callback):
    """Note the first epoch's phase and the backbone's weights before it."""

    watches = True
    shared = True

    def __init__(self):
        super().__init__()
        self.weights = []

    def on_train_begin(self, logs=None):
        self.weights.append([weight.numpy().copy() for weight in self.model.weights])


def test_a_cycle_goes_on_where_the_one_before_ended_and_is_found_again(task, tmp_path, monkeypatch):
    store, starts = Store(tmp_path), Starts()
    (first,), (second,) = run_cycles([task], 2, store, callbacks=[starts])
    assert len(starts.weights) == 3  # head and fine-tuning, then fine-tuning
    for before, after in zip(store.member(first.key).model.get_weights(), starts.weights[-1], strict=True):
        np.testing.assert_array_equal(before, after)
    assert store.member(second.key).name == "tiny_cycle_2"
    assert [entry["phase"] for entry in store.member(second.key).history] == ["fine-tuning"] * 2
    assert first.key != second.key
    monkeypatch.setattr("zoo.members.member.Member.fit", lambda *_, **__: pytest.fail("trained again"))
    assert run_cycles([task], 2, Store(tmp_path)) == [[first], [second]]


def test_cycles_draw_other_orders_and_augmentations(task):
    seeds = [next_cycle(task, cycle, "key").recipe.seed for cycle in (1, 2)]
    assert len({0, *seeds}) == 3
    assert next_cycle(task, 1, "key").recipe.head_epochs == 0


def test_a_cycle_after_a_failed_one_is_not_tried(task, tmp_path, monkeypatch):
    monkeypatch.setattr("zoo.members.snapshots.run", lambda tasks, *_, **__: [Outcome(reason="no") for _ in tasks])
    assert run_cycles([task], 2, Store(tmp_path)) == [[Outcome(reason="no")], [Outcome(reason=UNMADE)]]


def test_snapshots_are_members(flat, data, tmp_path, one_rule):
    recipe = Recipe(head_epochs=0, epochs=1, validate="clean", augment="none")
    ensemble = Ensemble([flat], snapshots=2, recipe=recipe, store=tmp_path).fit(data)
    assert [member.name for member in ensemble.members_] == ["flat", "flat_cycle_2"]
    assert ensemble.logits(data.validation).shape == (24, 3)


def test_mistakes_are_named(task, tmp_path):
    with pytest.raises(ValueError, match=r"snapshots.*0"):
        run_cycles([task], 0, Store(tmp_path))
    short = Task(task.plan, Recipe(epochs=0), task.data)
    with pytest.raises(ValueError, match=r"2 snapshots.*epochs=0"):
        run_cycles([short], 2, Store(tmp_path))


def test_later_cycles_of_a_solved_head_have_none(task):
    solved = Task(task.plan, Recipe(head_solver="lbfgs", head_epochs=1, epochs=2), task.data)
    later = next_cycle(solved, 1, "")
    assert (later.recipe.head_epochs, later.recipe.head_solver, later.recipe.epochs) == (0, "gradient", 2)
