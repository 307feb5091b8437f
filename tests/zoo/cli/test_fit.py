"""zoo/cli/fit.py: what a run will take, and what it leaves to read."""

import logging
import sys

import pytest

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
