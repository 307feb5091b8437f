"""``--group-from``: from file names to whole groups in a run, its table and its evaluation."""

import re
import sys

import numpy as np
import pytest
from PIL import Image

from zoo import Ensemble
from zoo.cli import main as cli

FAST = ["--member", "simple_cnn", "--head-epochs", "1", "--epochs", "0"]


@pytest.fixture
def folder(blobs, tmp_path):
    """Two images of each of 48 patients, whose number is in the file's name."""
    for row, label in enumerate(blobs.labels):
        target = tmp_path / "images" / blobs.classes[label]
        target.mkdir(parents=True, exist_ok=True)
        Image.fromarray(blobs.pixels[row]).save(target / f"patient_{row // 6 * 3 + label}_{row}.png")
    return tmp_path / "images"


def zoo(monkeypatch, capsys, *arguments):
    monkeypatch.setattr(sys, "argv", ["zoo", *map(str, arguments)])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    printed = capsys.readouterr()
    return ended.value.code, printed.out + printed.err


@pytest.mark.fits
def test_groups_go_from_the_file_names_into_the_run(folder, tmp_path, monkeypatch, capsys, one_rule):
    run, groups = tmp_path / "run", ["--group-from", r"patient_(\d+)_"]
    code, printed = zoo(monkeypatch, capsys, "fit", "--data", folder, "--out", run, *FAST, *groups, "--flips", "none")
    assert code == 0, printed
    assert "groups: 48, of 2 to 2 images" in printed
    text = " ".join(printed.split())
    held_out = int(re.search(r"validation images of (\d+) groups", text)[1])
    assert 9 <= held_out <= 12
    assert "note: fewer than 10 groups to score of" in text
    assert text.count("fewer than 10 groups") == 1
    assert "by patient_(" in text
    assert "auto *" in printed
    loaded = Ensemble.load(run)
    assert len(np.unique(loaded.held_out_.groups)) == held_out
    assert {row["groups"] for row in loaded.leaderboard()} == {held_out}
    assert loaded.leaderboard().notes
    code, printed = zoo(monkeypatch, capsys, "evaluate", run, "--data", folder, "--per-class")
    assert code == 0, printed
    text = " ".join(printed.split())
    assert "96 images of 48 groups" in text
    assert f"{96 - 2 * held_out} of 96 images are of {48 - held_out} groups that members were trained on" in text
    assert "Recall of each class" in printed
    for path in folder.rglob("*.png"):
        path.rename(path.with_name(path.name.replace("patient", "case")))
    code, printed = zoo(monkeypatch, capsys, "evaluate", run, "--data", folder)
    assert code == 0, printed
    assert "no groups, though those of the fit were found by patient_" in printed
    code, printed = zoo(monkeypatch, capsys, "evaluate", run, "--data", folder, "--group-from", r"case_(\d+)_")
    assert f"{48 - held_out} groups that members were trained on" in " ".join(printed.split())
    (tmp_path / "other.toml").write_text("[data]\n")
    student = ["--out", tmp_path / "student", "--config", tmp_path / "other.toml"]
    code, printed = zoo(monkeypatch, capsys, "distill", run, "--data", folder, *student)
    assert code == 2
    assert "--group-from" in printed  # the run's expression, which these files do not match
    assert "96 of 96" in printed


def test_what_does_not_match_is_one_line(folder, tmp_path, monkeypatch, capsys):
    out = tmp_path / "run"
    code, printed = zoo(monkeypatch, capsys, "fit", "--data", folder, "--out", out, *FAST, "--group-from", "subject_")
    assert code == 2
    assert "--group-from" in printed
    assert "96 of 96" in printed
    code, printed = zoo(monkeypatch, capsys, "fit", "--data", folder, "--out", out, *FAST, "--group-from", "(")
    assert code == 2
    assert "regular expression" in printed
