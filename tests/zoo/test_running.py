"""zoo/running.py: a training that was cut off goes on, and what goes wrong is told."""

import keras
import numpy as np
import pytest

from zoo import running
from zoo.data import Splits
from zoo.plan import Plan
from zoo.recipe import Recipe
from zoo.running import run
from zoo.store import Store

RECIPE = Recipe(head_epochs=1, epochs=2, augment="flips", patience=None)
PLAN = Plan(backbone="simple_cnn", classes=3, image_size=16)


class CutOff(keras.callbacks.Callback):
    """Fail in the second epoch."""

    def on_epoch_begin(self, epoch, logs=None):
        if epoch == 1:
            raise self.error

    def __init__(self, error):
        super().__init__()
        self.error = error


@pytest.fixture
def data(blobs):
    return Splits(blobs.subset(np.arange(72)), blobs.subset(np.arange(72, 96)))


def test_a_training_that_was_cut_off_goes_on_and_leaves_nothing_behind(data, tmp_path, caplog):
    (undisturbed,) = run([PLAN], RECIPE, data, Store(tmp_path / "other"))
    store = Store(tmp_path / "store")
    (cut,) = run([PLAN], RECIPE, data, store, callbacks=[CutOff(OSError("unplugged"))])
    assert cut.reason == "OSError: unplugged"
    assert len(list((store.root / "progress").rglob("*.npz"))) == 1
    with caplog.at_level("INFO", logger="zoo"):
        (finished,) = run([PLAN], RECIPE, data, store)
    assert "simple_cnn: goes on after 1 epochs" in caplog.text
    assert not list((store.root / "progress").rglob("*.npz"))
    members = [Store(tmp_path / place).member(finished.key) for place in ("other", "store")]
    assert undisturbed.key == finished.key
    for own, other in zip(*(member.model.get_weights() for member in members), strict=True):
        np.testing.assert_array_equal(own, other)


@pytest.mark.parametrize("error", [MemoryError(), RuntimeError("RESOURCE_EXHAUSTED: Out of memory allocating 1 GB")])
def test_want_of_memory_is_told_with_what_to_do(data, tmp_path, error):
    (outcome,) = run([PLAN], RECIPE, data, Store(tmp_path), callbacks=[CutOff(error)])
    assert outcome.reason == running.OUT_OF_MEMORY


def test_a_store_that_cannot_be_written_is_a_reason_and_not_a_crash(data, tmp_path):
    (tmp_path / "file").write_text("no folder")
    (outcome,) = run([PLAN], RECIPE, data, Store(tmp_path / "file"))
    assert outcome.reason.startswith(("NotADirectoryError", "FileExistsError"))


def test_what_a_killed_writer_left_of_a_member_is_removed(data, tmp_path):
    store = Store(tmp_path)
    (first,) = run([PLAN], RECIPE, data, store)
    left = store.members / f".0123abcd.{first.key}"
    left.mkdir()
    store.keep(first.key, store.member(first.key))
    assert not left.exists()
