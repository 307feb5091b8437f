"""zoo/training/own_callbacks.py: each member has callbacks with a state and files of their own."""

import csv
import threading
from contextlib import nullcontext
from dataclasses import replace

import keras
import numpy as np
import pytest

from zoo import build
from zoo.data import Splits
from zoo.ensemble.estimator import Ensemble
from zoo.training.callback_fingerprints import steering
from zoo.training.own_callbacks import UserCallbacks
from zoo.training.recipe import Recipe

ONCE = Recipe(head_epochs=2, epochs=0, validate="clean", augment="none")


class Counting(keras.callbacks.Callback):
    """Count the epochs that it saw."""

    watches = True

    def __init__(self):
        super().__init__()
        self.seen = []

    def on_epoch_end(self, epoch, logs=None):
        self.seen.append(epoch)


class Shared(Counting):
    """One object for all members."""

    shared = True


@pytest.fixture
def splits(blobs):
    return Splits(blobs.subset(np.arange(72)), blobs.subset(np.arange(72, 96)))


def of(callback, member="a", *, alone=False):
    (own,) = UserCallbacks([callback], alone).of(member)
    return own


def rows(path):
    with path.open() as lines:
        return list(csv.DictReader(lines))


def test_a_copy_has_its_own_state_and_no_model_of_an_earlier_training():
    given = Counting()
    given.seen.append(7)
    given.set_model(keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)]))
    own = of(given)
    own.seen.append(8)
    assert (given.seen, own.seen, own.model) == ([7], [7, 8], None)


def test_one_member_alone_gets_the_object_itself():
    given = Counting()
    assert of(given, alone=True) is given


def test_a_class_may_say_that_it_is_shared():
    given = Shared()
    assert of(given) is given


def test_what_cannot_be_copied_is_shared_and_that_is_said(caplog):
    given = Counting()
    given.lock = threading.Lock()
    assert of(given) is given
    for word in ("a: Counting", "cannot be copied", "share"):
        assert word in caplog.text


@pytest.mark.parametrize(
    ("kind", "attribute", "path", "expected"),
    [
        (keras.callbacks.CSVLogger, "filename", "log.csv", "log_a.csv"),
        (keras.callbacks.CSVLogger, "filename", "log", "log_a"),
        (keras.callbacks.ModelCheckpoint, "filepath", "best-{epoch:02d}.keras", "best-{epoch:02d}_a.keras"),
        (keras.callbacks.TensorBoard, "log_dir", "logs/", "logs/a"),
    ],
)
def test_paths_that_all_members_would_write_to_get_the_members_name(kind, attribute, path, expected, tmp_path):
    given = kind(f"{tmp_path}/{path}")
    assert getattr(of(given), attribute) == f"{tmp_path}/{expected}"
    assert getattr(of(given, alone=True), attribute) == getattr(given, attribute) == f"{tmp_path}/{path}"


def test_a_checkpoint_of_weights_keeps_its_suffix():
    assert of(keras.callbacks.ModelCheckpoint("w.weights.h5", save_weights_only=True)).filepath == "w_a.weights.h5"


@pytest.mark.parametrize("alone", [True, False])
def test_the_members_name_stands_where_the_path_says(alone, tmp_path):
    own = of(keras.callbacks.CSVLogger(tmp_path / "{member}" / "log.csv"), alone=alone)
    assert own.filename == str(tmp_path / "a" / "log.csv")
    assert (tmp_path / "a").is_dir()


def test_paths_made_from_a_path_follow_it():
    given = keras.callbacks.BackupAndRestore("backup", double_checkpoint=True)
    before = steering([given])
    own = of(given)
    assert (own.backup_dir, own._weights_path) == ("backup/a", "backup/a/latest.weights.h5")
    assert steering([given]) == before  # what members are kept under


@pytest.mark.slow
@pytest.mark.fits
def test_a_member_writes_its_name_and_the_lines_of_all_its_phases(blobs, tmp_path, tiny_file):
    member = build("tiny", 3, image_size=16, weights=tiny_file)
    recipe = Recipe(head_epochs=2, epochs=3, augment="none", validate="clean", patience=None)
    log = keras.callbacks.CSVLogger(tmp_path / "{member}.csv")
    member.fit(blobs, recipe=recipe, callbacks=[log])
    found = rows(tmp_path / "tiny.csv")
    assert [row["epoch"] for row in found] == ["0", "1", "0", "1", "2"]
    assert [float(row["loss"]) for row in found] == pytest.approx([record["loss"] for record in member.history])


@pytest.mark.slow
@pytest.mark.fits
def test_an_object_that_a_member_used_logs_the_next_one_afresh(blobs, tmp_path, tiny_file):
    recipe = Recipe(head_epochs=1, epochs=1, augment="none", validate="clean", patience=None)
    log = keras.callbacks.CSVLogger(tmp_path / "log.csv")
    for _ in range(2):
        build("tiny", 3, image_size=16, weights=tiny_file).fit(blobs, recipe=recipe, callbacks=[log])
    assert [row["epoch"] for row in rows(tmp_path / "log.csv")] == ["0", "0"]


@pytest.mark.slow
@pytest.mark.fits
def test_a_training_that_goes_on_keeps_the_lines_before(blobs, tmp_path, tiny, kill):
    recipe = Recipe(head_epochs=3, epochs=0, augment="none", validate="clean", patience=None)
    log = keras.callbacks.CSVLogger(tmp_path / "log.csv")
    for more in ([kill(2)], []):
        options = {"callbacks": [log, *more], "place": tmp_path / "place"}
        with pytest.raises(kill.Error) if more else nullcontext():
            build(tiny, 3, image_size=16, weights=None).fit(blobs, recipe=recipe, **options)
    assert [row["epoch"] for row in rows(tmp_path / "log.csv")] == ["0", "1", "2"]


@pytest.mark.fits
@pytest.mark.usefixtures("one_rule")
def test_several_members_share_neither_files_nor_state(flat, splits, tmp_path):
    counting, shared = Counting(), Shared()
    callbacks = [keras.callbacks.CSVLogger(tmp_path / "log.csv"), counting, shared]
    ensemble = Ensemble([f"{flat} x2"], recipe=ONCE, store=tmp_path).fit(splits, callbacks=callbacks)
    for member in ensemble.members_:
        losses = [float(row["loss"]) for row in rows(tmp_path / f"log_{member.name}.csv")]
        assert losses == pytest.approx([record["loss"] for record in member.history])
    assert not (tmp_path / "log.csv").exists()
    assert (counting.seen, shared.seen) == ([], [0, 1, 0, 1])


@pytest.mark.slow
@pytest.mark.fits
@pytest.mark.usefixtures("one_rule")
def test_snapshots_of_one_plan_are_several_members_too(flat, splits, tmp_path):
    recipe = replace(ONCE, head_epochs=0, epochs=1)
    log = keras.callbacks.CSVLogger(tmp_path / "log.csv")
    Ensemble([flat], recipe=recipe, snapshots=2, store=tmp_path).fit(splits, callbacks=[log])
    assert sorted(path.name for path in tmp_path.glob("*.csv") if path.name.startswith("log")) == [
        "log_flat.csv",
        "log_flat_cycle_2.csv",
    ]


@pytest.mark.slow
@pytest.mark.fits
@pytest.mark.usefixtures("one_rule")
def test_members_in_processes_write_files_of_their_own(splits, tmp_path):
    log = keras.callbacks.CSVLogger(tmp_path / "{member}.csv")
    ensemble = Ensemble(["simple_cnn x2"], recipe=ONCE, store=tmp_path, jobs=2).fit(splits, callbacks=[log])
    assert [len(rows(tmp_path / f"{member.name}.csv")) for member in ensemble.members_] == [2, 2]
