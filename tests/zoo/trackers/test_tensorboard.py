"""zoo/trackers/tensorboard.py and live_curves.py: what TensorBoard reads back."""

import errno
import io
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from zoo import Ensemble, build
from zoo.data import Splits
from zoo.trackers import LiveCurves, TensorBoard, to_tensorboard
from zoo.trackers.results import figures
from zoo.training.callback_fingerprints import steering
from zoo.training.recipe import Recipe

FIGURES = ("loss", "accuracy", "val_loss", "val_accuracy", "learning_rate")
ONCE = Recipe(head_epochs=2, epochs=0, validate="clean", augment="none")


def read(run):
    return EventAccumulator(str(run)).Reload()


def curve(run, tag):
    return [(event.step, event.value) for event in read(run).Scalars(tag)]


def times(run):
    return [event.wall_time for event in read(run).Scalars("loss")]


def in_history(member, tag):
    return [(step, pytest.approx(record[tag])) for step, record in enumerate(member.history, start=1)]


@pytest.fixture
def splits(blobs):
    return Splits(blobs.subset(np.arange(72)), blobs.subset(np.arange(72, 96)))


def test_each_member_is_a_run_with_its_curves_its_scores_and_its_options(trained, tmp_path):
    assert to_tensorboard(trained, tmp_path / "tb") == tmp_path / "tb"
    for member in trained.members_:
        run = tmp_path / "tb" / "members" / member.name
        for tag in FIGURES:
            assert curve(run, tag) == in_history(member, tag)
        (row,) = (row for row in trained.leaderboard() if row["name"] == member.name)
        assert curve(run, "scores/balanced_accuracy") == [(0, pytest.approx(row["balanced_accuracy"]))]
        assert b"high_pass" in read(run).SummaryMetadata("_hparams_/session_start_info").plugin_data.content


def test_the_ensemble_is_a_run_with_images_options_and_the_scores_of_each_rule(trained, tmp_path):
    to_tensorboard(trained, tmp_path)
    run = read(tmp_path / "ensemble")
    assert run.Tags()["images"] == ["plots/leaderboard", "plots/confusion matrix"]
    assert not set(run.Tags()["images"]) & set(run.Tags()["tensors"])  # TensorBoard would show one of them
    for tag in run.Tags()["images"]:
        (event,) = run.Images(tag)
        picture = Image.open(io.BytesIO(event.encoded_image_string))
        assert picture.size == (event.width, event.height)
        assert picture.convert("RGB").getpixel((0, 0)) == (255, 255, 255)
    (told,) = (event.tensor_proto.string_val[0].decode() for event in run.Tensors("tables/options"))
    assert "recipe.head_epochs|3" in told
    for row in trained.leaderboard():
        if row["kind"] == "rule":
            scored = curve(tmp_path / "ensemble" / row["name"], "scores/log_loss")
            assert scored == [(0, pytest.approx(row["log_loss"], rel=1e-5))]


def test_a_loaded_ensemble_and_other_images_are_recorded_too(trained, colours, tmp_path):
    loaded = Ensemble.load(trained.state_.store.root)
    to_tensorboard(loaded, tmp_path / "held out")
    assert "plots/confusion matrix" in read(tmp_path / "held out" / "ensemble").Tags()["images"]
    to_tensorboard(loaded, tmp_path / "given", colours.train)
    (told,) = (
        event.tensor_proto.string_val[0] for event in read(tmp_path / "given" / "ensemble").Tensors("tables/options")
    )
    assert f"scored_on|{loaded.leaderboard(colours.train).where}".encode() in told


def test_recording_again_replaces_what_changed_alone(trained, tmp_path):
    to_tensorboard(trained, tmp_path)
    run = tmp_path / "members" / trained.members_[0].name
    first = times(run)
    to_tensorboard(trained, tmp_path)
    assert times(run) == first
    (curves,) = run.glob("*.curves")
    curves.write_bytes(curves.read_bytes()[:-40])  # as a killed writer leaves it
    to_tensorboard(trained, tmp_path)
    assert curve(run, "loss") == in_history(trained.members_[0], "loss")
    assert len(list(run.iterdir())) == 2


@pytest.mark.slow
@pytest.mark.fits
def test_live_curves_count_epochs_over_all_phases(blobs, tmp_path, tiny_file):
    member = build("tiny", 3, image_size=16, weights=tiny_file)
    recipe = Recipe(head_epochs=2, epochs=2, augment="none", validate="clean", patience=None)
    member.fit(blobs, recipe=recipe, callbacks=[LiveCurves(tmp_path)])
    for tag in FIGURES:
        assert curve(tmp_path / "members" / "tiny", tag) == in_history(member, tag)


@pytest.mark.slow
@pytest.mark.fits
@pytest.mark.usefixtures("one_rule")
def test_live_curves_stay_as_they_are_after_the_fit(flat, splits, tmp_path):
    ensemble = Ensemble([f"{flat} x2"], recipe=ONCE).fit(splits, callbacks=[LiveCurves(tmp_path)])
    runs = [tmp_path / "members" / member.name for member in ensemble.members_]
    live = [times(run) for run in runs]
    to_tensorboard(ensemble, tmp_path)
    assert [times(run) for run in runs] == live
    assert [curve(run, "loss") for run in runs] == [in_history(member, "loss") for member in ensemble.members_]


@pytest.mark.fits
@pytest.mark.usefixtures("one_rule")
def test_the_curves_of_a_training_that_follows_replace_those_before(flat, splits, tmp_path):
    for recipe in (replace(ONCE, head_epochs=3), ONCE):
        ensemble = Ensemble([flat], recipe=recipe).fit(splits, callbacks=[LiveCurves(tmp_path)])
    assert curve(tmp_path / "members" / flat, "loss") == in_history(ensemble.members_[0], "loss")


@pytest.mark.slow
@pytest.mark.fits
@pytest.mark.usefixtures("one_rule")
def test_members_in_processes_have_live_curves(splits, tmp_path):
    ensemble = Ensemble(["simple_cnn x2"], recipe=ONCE, jobs=2).fit(splits, callbacks=[LiveCurves(tmp_path)])
    for member in ensemble.members_:
        assert curve(tmp_path / "members" / member.name, "loss") == in_history(member, "loss")


def test_the_mark_of_a_training_that_a_limit_ended_is_no_figure():
    assert figures({"phase": "whole", "epoch": 3, "loss": 0.25, "cut": True}) == {"loss": 0.25}


def test_live_curves_are_no_part_of_what_members_are_kept_under(tmp_path):
    assert steering([LiveCurves(tmp_path)]) == []


@pytest.mark.parametrize("fails", ["new_file", "append"])
def test_a_full_disk_costs_epochs_and_not_the_training(fails, tmp_path, monkeypatch, caplog):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    curves = LiveCurves(tmp_path)
    curves.folder, curves.epochs_before = str(tmp_path / "one"), 0
    curves.set_model(SimpleNamespace(optimizer=None))
    monkeypatch.setattr("zoo.trackers.live_curves.innermost", lambda _: SimpleNamespace(rate=lambda: 0.1))
    with monkeypatch.context() as patch:
        patch.setattr(f"zoo.trackers.live_curves.{fails}", full)
        curves.on_epoch_end(0, {"loss": 3.0})
    assert "lacks an epoch" in caplog.text
    curves.on_epoch_end(1, {"loss": 2.0})
    assert curve(tmp_path / "one", "loss") == [(2, 2.0)]


def test_a_file_in_the_place_of_the_folder_is_refused_before_training(tmp_path, refused):
    (tmp_path / "file").touch()
    with refused("folder", str(tmp_path / "file")):
        TensorBoard(tmp_path / "file").check()


def test_without_tensorboard_the_extra_is_named(monkeypatch, refused, trained):
    monkeypatch.setitem(sys.modules, "tensorboard", None)
    for use in (lambda: LiveCurves("tb"), lambda: to_tensorboard(trained, "tb")):
        with refused("pip install 'ensemble-zoo[tensorboard]'", error=ImportError):
            use()
    assert not Path("tb").exists()
