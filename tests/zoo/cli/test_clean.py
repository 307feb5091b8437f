"""``zoo clean``: a table, a report, and what to do next."""

import shlex

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from zoo.cleaning import read_decisions
from zoo.cli import clean as commands_clean

ROWS = 48


@pytest.fixture
def app():
    made = typer.Typer()
    made.command()(commands_clean.clean)
    return made


@pytest.fixture
def archive(tmp_path):
    """An ``.npz`` of noise in two classes, the first picture twice."""
    pixels = np.random.default_rng(0).integers(0, 256, (ROWS, 16, 16, 3), dtype=np.uint8)
    pixels[-2] = pixels[0]
    np.savez(tmp_path / "set.npz", images=pixels, labels=np.arange(ROWS) % 2)
    return tmp_path / "set.npz"


@pytest.mark.fits
def test_it_reports_and_says_that_nothing_was_deleted(app, archive, tmp_path, capsys):
    before = archive.read_bytes()
    done = CliRunner().invoke(app, ["--data", str(archive), "--out", str(tmp_path / "report")])
    assert done.exit_code == 0, done.output
    table = tmp_path / "report" / "findings.csv"
    assert sum(read_decisions(table).goes.values()) >= 1
    assert (tmp_path / "report" / "exact.png").is_file()
    assert archive.read_bytes() == before


def test_what_it_prints(archive, tmp_path, monkeypatch):
    from rich.console import Console

    console = Console(width=160, record=True, file=(tmp_path / "printed.txt").open("w"))
    monkeypatch.setattr(commands_clean, "console", console)
    monkeypatch.setattr("zoo.cli.console.console", console)
    commands_clean.clean(str(archive), tmp_path / "report", check=["exact", "leak"])
    console.file.close()
    text = console.export_text()
    assert f"Findings among {ROWS} images" in text
    assert "the same pixels more than once" in text
    assert "Nothing was deleted." in text
    assert f"zoo fit --data {archive} --decisions {tmp_path / 'report' / 'findings.csv'}" in text


def test_the_command_that_follows_reads_the_data_as_this_one_did(archive, tmp_path, capsys):
    data = archive.rename(tmp_path / "my set $1.npz")
    options = {"image_size": 8, "skip_unreadable": True, "allow_unreadable": 0.2, "classes": ["0", "1"]}
    commands_clean.clean(str(data), tmp_path / "a report", check=["exact"], **options)
    (line,) = [line for line in capsys.readouterr().out.splitlines() if "zoo fit" in line]
    table = str(tmp_path / "a report" / "findings.csv")
    expected = [
        "zoo",
        "fit",
        "--data",
        str(data),
        "--decisions",
        table,
        "--image-size",
        "8",
        "--skip-unreadable",
        "--allow-unreadable",
        "0.2",
        *("--classes", "0", "--classes", "1"),
        "...",
    ]
    assert shlex.split(line) == expected


def test_a_folder_of_other_things_is_refused_before_the_search(archive, tmp_path, monkeypatch):
    monkeypatch.setattr("zoo.cleaning.find", lambda *_, **__: pytest.fail("searched"))
    for name in ("findings.csv", "important.txt", "catA/1.png"):
        (tmp_path / "out" / name).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / "out" / name).write_text("decision,split,origin,digest")
    with pytest.raises(FileExistsError, match=r"catA/1\.png, important\.txt"):
        commands_clean.clean(str(archive), tmp_path / "out")
    assert (tmp_path / "out" / "important.txt").is_file()


def test_a_backbone_describes_instead_of_pixels(archive, tmp_path, tiny, tiny_file):
    commands_clean.clean(
        str(archive), tmp_path / "report", check=["outlier"], features=tiny, weights=str(tiny_file), seed=3
    )
    assert (tmp_path / "report" / "summary.md").is_file()


def test_an_unknown_check_is_an_error(archive, tmp_path):
    with pytest.raises(ValueError, match="'leak'"):
        commands_clean.clean(str(archive), tmp_path / "report", check=["leaks"])


@pytest.mark.parametrize("weights", [["--weights", "imagenet"], ["--weights-dir", "weights"]])
def test_weights_without_a_backbone_are_an_error(app, archive, tmp_path, weights):
    done = CliRunner().invoke(app, ["--data", str(archive), "--out", str(tmp_path / "report"), *weights])
    assert isinstance(done.exception, ValueError)
    assert "--features BACKBONE" in str(done.exception)
