"""zoo/cli/fit.py: what a run will take, and what it leaves to read."""

import logging
import sys
from functools import partialmethod

import pytest

from zoo import Ensemble
from zoo.cli import main as cli
from zoo.cli.run_config import write_choices
from zoo.config import config_from, read_config

pytestmark = pytest.mark.fits

ONCE = ["--member", "simple_cnn", "--head-epochs", "1", "--epochs", "0", "--limit", "32", "--augment", "none"]
SHIFT = ("--shift", "--shift-limit", 40)


def command(monkeypatch, capsys, *arguments):
    monkeypatch.setattr(sys, "argv", ["zoo", *map(str, arguments)])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return ended.value.code, capsys.readouterr().out


@pytest.mark.parametrize(
    ("more", "preset"),
    [([], "balanced"), (["--preset", "best"], "best"), (["--member", "simple_cnn"], None), (["mine.toml"], None)],
)
def test_without_a_file_and_members_the_balanced_preset_chooses(monkeypatch, capsys, tmp_path, more, preset):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.toml").write_text("")
    chosen = []
    monkeypatch.setattr("zoo.cli.fit.foresee", lambda config, *_, **__: chosen.append(config.preset))
    assert command(monkeypatch, capsys, "fit", *more, "--data", "demo", "--out", "run", "--dry-run")[0] == 0
    assert chosen == [preset]


@pytest.mark.slow
def test_a_dry_run_says_what_a_run_would_take_and_trains_nothing(monkeypatch, capsys, tmp_path):
    code, printed = command(monkeypatch, capsys, "fit", "--data", "demo", "--out", tmp_path, *ONCE, *SHIFT, "--dry-run")
    assert code == 0
    for word in ("simple_cnn", "images/s", "time: ", "until", "peak memory", "disk", "--shift: about", "of 40 images"):
        assert word in printed
    assert "epoch 1/" not in printed
    assert not (tmp_path / "members").exists()


@pytest.fixture
def foreseen(monkeypatch):
    """Plan without measuring; returns a function that runs a dry run, or a fit that is not to begin."""
    whole = partialmethod(Ensemble.plan, measure=False)
    monkeypatch.setattr(Ensemble, "plan", whole)
    monkeypatch.setattr("zoo.members.snapshots.run", lambda *_, **__: pytest.fail("it has begun"))


@pytest.mark.parametrize(("more", "code"), [([], 3), (["--allow-failures"], 0)])
def test_a_dry_run_ends_as_the_run_would_where_a_member_cannot_take_part(
    monkeypatch, capsys, tmp_path, foreseen, more, code
):
    arguments = [*ONCE, "--member", "probe:simple_cnn", "--dry-run", *more]
    ended, printed = command(monkeypatch, capsys, "fit", "--data", "demo", "--out", tmp_path, *arguments)
    assert ended == code
    assert ("failed: simple_cnn_probe" in printed) == (code == 3)
    assert "pretrained" in printed


@pytest.mark.parametrize("dry", [[], ["--dry-run"]])
@pytest.mark.parametrize(
    ("options", "word"),
    [
        (["--shift", "--shift-limit", "3"], "a limit of 3"),
        (["--refit"], "folds"),
        (["--member", "probe:simple_cnn", "--snapshots", "2"], "snapshots"),
        (["--mlflow-uri", "nothing://known"], "nothing://known"),
    ],
)
def test_a_run_and_its_dry_run_refuse_the_same_before_anything_is_trained(
    monkeypatch, capsys, tmp_path, foreseen, dry, options, word
):
    arguments = ["zoo", "fit", "--data", "demo", "--out", str(tmp_path), *ONCE, *options, *dry]
    monkeypatch.setattr(sys, "argv", arguments)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 2
    assert word in capsys.readouterr().err


def test_a_dry_run_says_what_fits_into_the_time(monkeypatch, capsys, tmp_path, foreseen):
    monkeypatch.setattr("zoo.planning.planner.measuring_seconds", lambda rough: 1e9)  # so nothing is measured
    monkeypatch.setattr("zoo.ensemble.steps.measuring_seconds", lambda rough: 1e9)
    arguments = ["--member", "simple_cnn", "--time", "2h", "--dry-run"]
    code, printed = command(monkeypatch, capsys, "fit", "--data", "demo", "--out", tmp_path, *arguments)
    assert code == 0
    assert "time limit " in printed
    assert "1 of 1 member" in printed


@pytest.mark.parametrize("dry", [[], ["--dry-run"]])
def test_a_folder_that_cannot_be_made_is_refused_before_images_are_read(monkeypatch, capsys, tmp_path, dry):
    (tmp_path / "file").write_text("")
    monkeypatch.setattr("zoo.cleaning.prepare.prepare", lambda *_, **__: pytest.fail("it has begun"))
    out = tmp_path / "file" / "run"
    assert command(monkeypatch, capsys, "fit", "--data", "demo", "--out", out, *ONCE, *dry)[0] == 2


@pytest.mark.parametrize("dry", [[], ["--dry-run"]])
def test_a_trained_model_that_cannot_be_read_is_refused_before_images_are(monkeypatch, capsys, tmp_path, dry):
    (tmp_path / "bad.keras").write_text("junk")
    monkeypatch.setattr("zoo.cleaning.prepare.prepare", lambda *_, **__: pytest.fail("it has begun"))
    arguments = ["--data", "demo", "--out", tmp_path / "run", "--member", tmp_path / "bad.keras", *dry]
    assert command(monkeypatch, capsys, "fit", *arguments)[0] == 2


@pytest.mark.slow
def test_a_runs_log_keeps_the_lines_of_each_command(monkeypatch, capsys, tmp_path, one_rule):
    for _ in range(2):
        code, printed = command(monkeypatch, capsys, "fit", "--data", "demo", "--out", tmp_path, *ONCE)
        assert code == 0
    kept = (tmp_path / "log.txt").read_text()
    assert kept.count("--- ") == 2
    assert kept.count("zoo fit --data demo") == 2
    assert kept.count("simple_cnn, whole: epoch 1/1") == 1
    assert kept.count("Plan of the run") == 2
    assert "Scores on" in kept
    assert "not trained again" in kept
    assert printed.count("Plan of the run") == printed.count("Scores on") == 1
    assert not any(isinstance(one, logging.FileHandler) for one in logging.getLogger("zoo").handlers)


def test_what_a_preset_chose_is_read_with_the_images_of_the_run(tmp_path):
    data = {"group_from": r"(\d)", "validation": 0.3, "image_size": [20, 24], "columns": {"label": "kind"}}
    given = config_from({"preset": "fast", "data": data, "imports": ["json"]})
    write_choices(given, 'members = ["simple_cnn"]\nweights = "none"\n\n[recipe]\nepochs = 3\n', tmp_path)
    read = read_config(tmp_path / "config.toml")
    assert (read.data, read.imports, read.recipe.epochs) == (given.data, ("json",), 3)
