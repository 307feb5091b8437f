"""A fit says which choice makes it train a member of a name that the store has."""

from dataclasses import replace

import keras
import numpy as np
import pytest

from zoo.data import Splits
from zoo.members.choices import differences
from zoo.members.parallel_training import run
from zoo.members.store import Store
from zoo.members.task import Task
from zoo.models.head import Head
from zoo.models.plan import Plan
from zoo.training.recipe import Recipe

pytestmark = pytest.mark.fits

ONCE = Recipe(head_epochs=1, epochs=0, validate="clean", augment="none")


class Stop(keras.callbacks.Callback):
    """Stop after the first epoch."""

    def on_epoch_end(self, epoch, logs=None):
        self.model.stop_training = True


@pytest.fixture
def task(flat, blobs):
    data = Splits(blobs.subset(np.arange(72)), blobs.subset(np.arange(72, 96)))
    return Task(Plan(backbone=flat, classes=3, image_size=16), ONCE, data)


@pytest.mark.slow
def test_the_choice_that_differs_is_said_before_it_is_trained(task, blobs, tmp_path, caplog):
    store = Store(tmp_path)
    with caplog.at_level("INFO", logger="zoo"):
        run([task], store)
        run([task], store)
        assert "other choices" not in caplog.text
        run([replace(task, recipe=replace(ONCE, head_epochs=2))], store)
        assert "flat is in" in caplog.text
        assert "trained anew: head_epochs 1, now 2" in caplog.text
        run([replace(task, data=Splits(blobs.subset(np.arange(70)), task.data.validation))], store)
        assert "trained anew: training images" in caplog.text
        run([replace(task, plan=replace(task.plan, head=Head(units=4), seed=3))], store)
        assert "seed 0, now 3, head.units 0, now 4" in caplog.text or "head.units" in caplog.text


@pytest.mark.slow
def test_a_callback_that_steers_makes_another_member(task, tmp_path, caplog):
    store = Store(tmp_path)
    longer = replace(task, recipe=replace(ONCE, head_epochs=3))
    with caplog.at_level("INFO", logger="zoo"):
        (plain,) = run([longer], store)
        (stopped,) = run([longer], store, callbacks=[Stop()])
    assert "callbacks none, now Stop" in caplog.text
    assert stopped.key != plain.key
    assert len(store.member(stopped.key).history) == 1
    assert run([longer], store, callbacks=[Stop()]) == [stopped]
    csv = keras.callbacks.CSVLogger(tmp_path / "log.csv")
    assert run([longer], store, callbacks=[csv]) == [plain]


@pytest.mark.slow
def test_members_of_earlier_versions_are_left_out(task, tmp_path, caplog):
    store = Store(tmp_path)
    (done,) = run([task], store)
    (store.members / done.key / "choices.json").unlink()
    with caplog.at_level("INFO", logger="zoo"):
        run([replace(task, recipe=replace(ONCE, head_epochs=2))], store)
    assert "other choices" not in caplog.text


def test_differences_are_named_as_a_user_knows_them():
    before = {"plan": {"seed": 0, "head": {"units": (1, 2)}}, "recipe": {"epochs": 2}, "policy": ["a"], "train": "x"}
    now = {"plan": {"seed": 0, "head": {"units": [1, 2]}}, "recipe": {"epochs": 10}, "policy": ["b"], "train": "y"}
    assert differences(before, now) == ["epochs 2, now 10", "training images"]
    assert differences(before, before) == []


def test_code_is_not_printed():
    before = {"plan": {"mine.source": "def mine():\n    return 1"}, "callbacks": ["Stop 0a1b"]}
    now = {"plan": {"mine.source": "def mine():\n    return 2"}, "callbacks": ["Stop 2c3d"]}
    assert differences(before, now) == ["the code of mine", "what callbacks Stop do"]
