"""A contest on the command line: a table of labels in, a sample submission filled in."""

import csv
import json
import logging
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from zoo.cli import main as cli

COUNT = 48
LABELS = [("2", "10", "1")[row % 3] for row in range(COUNT)]
COLUMNS = "image=case no,label=what,group=site"
SHORT = ["--member", "simple_cnn", "--head-epochs", "3", "--epochs", "0", "--method", "soft"]

RUN = Path(__file__).resolve().parents[2] / "runs" / "format_4" / "single"  # which is not opened


@pytest.fixture(autouse=True)
def own_logging():
    """Leave the library's logger as it was."""
    kept = logging.getLogger("zoo")
    handlers, level, propagate = list(kept.handlers), kept.level, kept.propagate
    yield
    kept.handlers, kept.level, kept.propagate = handlers, level, propagate


@pytest.fixture(scope="module")
def contest(blobs, tmp_path_factory):
    """Pictures in a folder with a blank in its name, a table of training and one of test images, and a sample."""
    root = tmp_path_factory.mktemp("contest")
    (root / "all images").mkdir()
    for row in range(COUNT):
        Image.fromarray(blobs.pixels[row]).save(root / "all images" / f"{row:04}.png")
    ids = [f"{row:04}" for row in range(COUNT)]
    train = zip(ids[:36], LABELS, (f"s{row % 12}" for row in range(36)), strict=False)
    _write(root / "train.csv", ["case no", "what", "site"], train)
    _write(root / "test.csv", ["case no", "what", "site"], zip(ids[36:], LABELS[36:], ["s"] * 12, strict=True))
    _write(root / "sample.csv", ["case no", "label"], ((name, "0") for name in reversed(ids[36:])))
    return root


def _write(path, names, rows):
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([names, *rows])


def _zoo(monkeypatch, capsys, *arguments):
    monkeypatch.setattr(sys, "argv", ["zoo", *map(str, arguments)])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return ended.value.code, capsys.readouterr()


@pytest.mark.fits
def test_from_a_table_to_a_filled_sample(contest, one_rule, tmp_path, monkeypatch, capsys):
    run, read = tmp_path / "run", ["--images", contest / "all images", "--columns", COLUMNS]
    code, printed = _zoo(monkeypatch, capsys, "fit", "--data", contest / "train.csv", *read, "--out", run, *SHORT)
    assert code == 0, printed.err
    assert "does not name 12 of 48 images" in printed.out
    assert "stratified, groups whole" in printed.out
    kept = json.loads((run / "config.json").read_text())["data"]
    assert (kept["images_dir"], kept["columns"]) == (str(contest / "all images"), COLUMNS)
    code, printed = _zoo(monkeypatch, capsys, "evaluate", run, "--data", contest / "test.csv", *read)
    assert code == 0, printed.err
    assert "(test.csv)" in printed.out
    scored = printed.out.split("Scores on")[1]
    code, printed = _zoo(monkeypatch, capsys, "evaluate", run, "--data", contest / "test.csv", *read[:2])
    assert (code, printed.out.split("Scores on")[1]) == (0, scored)  # the run knows its columns
    assert "--columns image=case no,label=what,group=site" in printed.out
    _write(tmp_path / "other.csv", ["file", "what"], [("0040", "1")])
    code, printed = _zoo(monkeypatch, capsys, "evaluate", run, "--data", tmp_path / "other.csv", *read[:2])
    assert code == 0, printed.err
    _write(tmp_path / "other.csv", ["case no", "which"], [("0040", "1")])
    code, printed = _zoo(monkeypatch, capsys, "evaluate", run, "--data", tmp_path / "other.csv", *read[:2])
    assert (code, "--columns label=" in printed.err) == (2, True)
    predict = ["predict", run, contest / "test.csv", *read[:2], "--like", contest / "sample.csv"]
    code, printed = _zoo(monkeypatch, capsys, *predict, "--out", tmp_path / "mine.csv")
    assert code == 0, printed.err
    rows = list(csv.reader((tmp_path / "mine.csv").read_text().splitlines()))
    assert rows[0] == ["case no", "label"]
    assert [row[0] for row in rows[1:]] == [f"{row:04}" for row in range(COUNT - 1, 35, -1)]
    right = np.mean([row[1] == LABELS[int(row[0])] for row in rows[1:]])
    assert right > 0.5  # of names, which the ids 0 to 2 would miss


@pytest.mark.fits
def test_a_table_is_cleaned_and_the_next_command_reads_it_alike(contest, tmp_path, monkeypatch, capsys):
    read = ["--images", contest / "all images", "--columns", COLUMNS]
    arguments = ["clean", "--data", contest / "train.csv", *read, "--out", tmp_path / "report", "--check", "exact"]
    code, printed = _zoo(monkeypatch, capsys, *arguments)
    assert code == 0, printed.err
    assert f"--images '{contest / 'all images'}'" in printed.out
    assert f"--columns '{COLUMNS}'" in printed.out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["fit", "--data", "{root}/train.csv", "--out", "out"], "--columns image="),
        (["fit", "--data", "{root}/train.csv", "--out", "out", "--columns", "image"], "image=NAME"),
        (["fit", "--data", "{root}/all images", "--out", "out", "--images", "x"], "--images"),
        (["preview", "--data", "{root}/train.csv", "--images", "{root}/none", "--columns", COLUMNS], "none"),
        (["predict", "{run}", "{root}/test.csv", "--out", "o.csv", "--columns", "image=x"], "'case no'"),
        (["predict", "{run}", "{root}/all images", "--out", "o.csv", "--columns", "image=x"], "--columns"),
    ],
)
def test_a_mistake_is_one_line(arguments, message, contest, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    filled = [argument.format(root=contest, run=RUN) for argument in arguments]
    code, printed = _zoo(monkeypatch, capsys, *filled)
    assert code == 2
    assert message in printed.err
    assert printed.err.count("\n") == 1


def test_the_columns_of_a_file_of_options_are_a_table(tmp_path):
    from zoo.config import read_config

    (tmp_path / "c.toml").write_text(
        '[data]\nimages_dir = "x"\n[data.columns]\nimage = "case no"\nlabel = ["a", "b"]\n'
    )
    data = read_config(tmp_path / "c.toml").data
    assert data.images_dir == "x"
    assert data.columns == {"image": "case no", "label": ["a", "b"]}
    (tmp_path / "c.toml").write_text('[data.columns]\nimages = "case no"\n')
    with pytest.raises(ValueError, match="mean 'image'"):
        read_config(tmp_path / "c.toml")
