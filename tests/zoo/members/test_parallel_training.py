"""zoo/members/parallel_training.py: a training that was cut off goes on, and what goes wrong is told."""

import re

import keras
import numpy as np
import pytest

from zoo.data import Splits
from zoo.ensemble.estimator import Ensemble
from zoo.members.member import Member
from zoo.members.parallel_training import run
from zoo.members.snapshots import run_cycles
from zoo.members.store import Store
from zoo.members.task import OUT_OF_MEMORY, Task
from zoo.models.plan import Plan
from zoo.training.recipe import Recipe

pytestmark = pytest.mark.fits

RECIPE = Recipe(head_epochs=0, epochs=2, augment="flips", patience=None)
ONCE = Recipe(head_epochs=1, epochs=0, validate="clean", augment="none")


class CutOff(keras.callbacks.Callback):
    """Fail in the second epoch."""

    watches = True

    def on_epoch_begin(self, epoch, logs=None):
        if epoch == 1:
            raise self.error

    def __init__(self, error):
        super().__init__()
        self.error = error


@pytest.fixture
def plan(flat):
    return Plan(backbone=flat, classes=3, image_size=16)


@pytest.fixture
def data(blobs):
    return Splits(blobs.subset(np.arange(72)), blobs.subset(np.arange(72, 96)))


def test_a_training_that_was_cut_off_goes_on_and_leaves_nothing_behind(plan, data, tmp_path, caplog):
    (undisturbed,) = run([Task(plan, RECIPE, data)], Store(tmp_path / "other"))
    store = Store(tmp_path / "store")
    (cut,) = run([Task(plan, RECIPE, data)], store, callbacks=[CutOff(OSError("unplugged"))])
    assert cut.reason == "OSError: unplugged"
    assert len(list((store.root / "progress").rglob("*.npz"))) == 1
    with caplog.at_level("INFO", logger="zoo"):
        (finished,) = run([Task(plan, RECIPE, data)], store)
    assert re.search("flat: .*after 1 epoch", caplog.text)
    assert not list((store.root / "progress").rglob("*.npz"))
    members = [Store(tmp_path / place).member(finished.key) for place in ("other", "store")]
    assert undisturbed.key == finished.key
    for own, other in zip(*(member.model.get_weights() for member in members), strict=True):
        np.testing.assert_array_equal(own, other)


@pytest.mark.parametrize("error", [MemoryError(), RuntimeError("RESOURCE_EXHAUSTED: Out of memory allocating 1 GB")])
def test_want_of_memory_is_told_with_what_to_do(plan, data, tmp_path, error):
    (outcome,) = run([Task(plan, RECIPE, data)], Store(tmp_path), callbacks=[CutOff(error)])
    assert outcome.reason == OUT_OF_MEMORY


def test_a_store_that_cannot_be_written_is_a_reason_and_not_a_crash(plan, data, tmp_path):
    (tmp_path / "file").write_text("no folder")
    (outcome,) = run([Task(plan, RECIPE, data)], Store(tmp_path / "file"))
    assert outcome.reason.startswith(("NotADirectoryError", "FileExistsError"))


def test_what_a_killed_writer_left_of_a_member_is_removed(plan, data, tmp_path):
    store = Store(tmp_path)
    (first,) = run([Task(plan, ONCE, data)], store)
    left = store.members / f".0123abcd.{first.key}"
    left.mkdir()
    store.keep(first.key, store.member(first.key))
    assert not left.exists()


@pytest.fixture
def full(monkeypatch):
    """A disk on which no member has room; call it to make room."""
    monkeypatch.setattr(
        "zoo.members.files.write", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device"))
    )
    return monkeypatch.undo


def test_a_member_that_a_full_disk_cannot_take_stays_in_memory_and_answers(
    plan, data, tmp_path, full, one_rule, caplog
):
    ensemble = Ensemble([plan], recipe=ONCE, store=tmp_path / "run").fit(data)
    assert re.search("flat.*not kept.*No space left", caplog.text)
    with pytest.raises(OSError, match="No space left"):
        ensemble.save(tmp_path / "other")
    full()
    found = Ensemble.load(ensemble.save(tmp_path / "other"))
    np.testing.assert_array_equal(found.predict(data.train), ensemble.predict(data.train))


def test_a_cycle_that_a_full_disk_cannot_take_is_not_trained_on_in_its_place(plan, data, tmp_path, full):
    recipe = Recipe(head_epochs=0, epochs=2, augment="none", validate="clean")
    cycles = run_cycles([Task(plan, recipe, data)], 2, store := Store(tmp_path), processes=1, callbacks=())
    keys = [wave[0].key for wave in cycles]
    first, second = (store.member(key).model for key in keys)
    assert first is not second
    assert any(not np.array_equal(*pair) for pair in zip(first.get_weights(), second.get_weights(), strict=True))


def test_the_next_run_needs_no_epoch_of_a_member_that_could_not_be_kept(plan, data, tmp_path, full, caplog):
    run([Task(plan, ONCE, data)], Store(tmp_path))
    full()
    with caplog.at_level("INFO", logger="zoo"):
        (outcome,) = run([Task(plan, ONCE, data)], Store(tmp_path))
    assert re.search("flat: .*after 1 epoch", caplog.text)
    assert Store(tmp_path).find(outcome.key) is not None


def test_logits_that_a_full_disk_cannot_take_stay_in_memory_and_it_is_said_once(
    plan, data, tmp_path, monkeypatch, caplog
):
    store = Store(tmp_path)
    (outcome,) = run([Task(plan, ONCE, data)], store)
    member = store.member(outcome.key)
    monkeypatch.setattr(
        "zoo.members.store.write_sealed_array", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left"))
    )
    several = [data.train, data.train.subset(np.arange(5))]
    logits = [store.logits(outcome.key, images, member) for images in several]
    assert len(re.findall("logits.*memory.*No space left", caplog.text)) == 1
    monkeypatch.setattr(Member, "timed_logits", None)  # would fail if it were called
    for images, own in zip(several, logits, strict=True):
        np.testing.assert_array_equal(store.logits(outcome.key, images, member), own)


def test_what_to_do_about_missing_weights_is_told_once_for_all(tiny, data, tmp_path, monkeypatch, caplog, refused):
    monkeypatch.delenv("ZOO_WEIGHTS", raising=False)
    plans = [Plan(backbone=tiny, name=name, classes=3, image_size=16, weights="imagenet") for name in ("one", "two")]
    outcomes = run([Task(plan, ONCE, data) for plan in plans], Store(tmp_path))
    (record,) = caplog.records
    assert re.search(r"one, two failed.*--weights-dir.*ZOO_WEIGHTS", record.getMessage())
    assert all(outcome.lacks_weights and "--weights-dir" not in outcome.reason for outcome in outcomes)
    with refused("one:", "two:", "--weights-dir", "ZOO_WEIGHTS", error=RuntimeError) as caught:
        Ensemble(plans, store=tmp_path).fit(data)
    assert str(caught.value).count("--weights-dir") == 1
