"""``zoo predict``: as a user meets it, and killed on the way."""

import csv
import os
import re
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from PIL import Image

from zoo.cli import main as cli

ROWS = 20_000
SECONDS = 120  # that a start may take


@pytest.fixture(scope="session")
def ensemble(trained):
    return trained


@pytest.fixture
def folder(blobs, tmp_path):
    (tmp_path / "images").mkdir()
    for row in range(12):
        Image.fromarray(blobs.pixels[row]).save(tmp_path / "images" / f"{row}.png")
    (tmp_path / "images" / "5.png").write_bytes(b"")
    return tmp_path / "images"


def _zoo(monkeypatch, capsys, *arguments):
    """Run a command here; returns its exit code and what it printed."""
    monkeypatch.setattr(sys, "argv", ["zoo", *map(str, arguments)])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return ended.value.code, capsys.readouterr()


def _rows(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_a_folder_in_a_table_out(ensemble, folder, tmp_path, monkeypatch, capsys):
    out = tmp_path / "out.csv"
    code, printed = _zoo(monkeypatch, capsys, "predict", ensemble.store, folder, "--out", out, "--uncertainty")
    assert code == 0, printed.err
    assert f"{out} (11 images, 1 left out, " in printed.out
    assert re.search(r"1 of 12.*5\.png", printed.out)
    assert "images/s" in printed.out
    assert [row["path"] for row in _rows(out)] == [f"{row}.png" for row in range(12) if row != 5]
    assert "uncertainty" in _rows(out)[0]
    assert [row["path"] for row in _rows(tmp_path / "out.csv.unreadable.csv")] == ["5.png"]


def test_a_folder_of_which_nothing_can_be_read_fails(ensemble, tmp_path, monkeypatch, capsys):
    (tmp_path / "images").mkdir()
    for row in range(3):
        (tmp_path / "images" / f"{row}.png").write_bytes(b"")
    out = tmp_path / "o.csv"
    earlier = "path,class,class_id,probability_red\n1.png,red,0,1.0\n"
    out.write_text(earlier)
    code, printed = _zoo(monkeypatch, capsys, "predict", ensemble.store, tmp_path / "images", "--out", out)
    assert code == 2
    assert "none of 3" in printed.err
    assert out.read_text() == earlier
    assert len(_rows(tmp_path / "o.csv.unreadable.csv")) == 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["{run}", "absent", "--out", "out.csv"], "absent"),
        (["absent", "{folder}", "--out", "out.csv"], "ensemble.json"),
        (["{folder}", "{run}", "--out", "out.csv"], "Exchange the two"),
        (["{folder}", "{folder}", "--out", "out.csv"], "a folder of pictures"),
        (["{run}", "{folder}", "--out", "out.txt"], ".parquet"),
        (["{run}", "{folder}", "--out", "out.csv", "--batch-size", "0"], "batch_size"),
        (["{run}", "{folder}", "--out", "out.csv", "--method", "softer"], "mean 'soft'"),
        (["{run}", "{folder}", "--out", "out.csv", "--key", "images"], ".npz"),
    ],
)
def test_a_mistake_is_one_line(arguments, message, ensemble, folder, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    filled = [argument.format(run=ensemble.store, folder=folder) for argument in arguments]
    code, printed = _zoo(monkeypatch, capsys, "predict", *filled)
    assert code == 2
    assert message in printed.err
    assert printed.err.count("\n") == 1
    assert not list(tmp_path.glob("*out*"))


def test_without_pyarrow_parquet_is_refused_before_any_work(ensemble, folder, tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setattr("zoo.inference.prediction.open_graph", lambda *_, **__: pytest.fail("opened"))
    code, printed = _zoo(monkeypatch, capsys, "predict", ensemble.store, folder, "--out", tmp_path / "out.parquet")
    assert code == 2
    assert "pip install 'ensemble-zoo[parquet]'" in printed.err


def test_weights_are_taken_for_frozen_where_none_can_change(ensemble, exported, folder, tmp_path, monkeypatch, capsys):
    calls = []
    monkeypatch.setattr("zoo.export.loading.assume_frozen_weights", lambda: calls.append(1))
    assert _zoo(monkeypatch, capsys, "predict", ensemble.store, folder, "--out", tmp_path / "run.csv")[0] == 0
    assert not calls
    assert _zoo(monkeypatch, capsys, "predict", exported, folder, "--out", tmp_path / "saved.csv")[0] == 0
    assert calls


@pytest.mark.slow
def test_batches_of_several_sizes_are_answered_alike_with_frozen_weights(ensemble, exported, blobs, tmp_path):
    order = np.arange(300) % len(blobs)
    np.save(tmp_path / "images.npy", blobs.pixels[order])
    command = [
        sys.executable,
        "-m",
        "zoo.cli.main",
        "predict",
        exported,
        tmp_path / "images.npy",
        "--out",
        tmp_path / "out.csv",
    ]
    subprocess.run(list(map(str, command)), capture_output=True, check=True)
    answered = [[row[f"probability_{name}"] for name in blobs.classes] for row in _rows(tmp_path / "out.csv")]
    np.testing.assert_allclose(np.array(answered, float), ensemble.predict_proba(blobs.pixels)[order], atol=1e-5)


@pytest.mark.slow
def test_killed_twice_it_is_complete_and_in_order(ensemble, exported, blobs, tmp_path):
    order = np.random.default_rng(0).integers(0, len(blobs), ROWS)
    np.save(tmp_path / "images.npy", blobs.pixels[order])
    out = tmp_path / "out.csv"
    command = [sys.executable, "-m", "zoo.cli.main", "predict", exported, tmp_path / "images.npy", "--out", out]
    command += ["--batch-size", "8", "--threads", "1"]
    for parts in (2, 5):
        _kill_at(command, tmp_path / "out.csv.parts" / "answers" / f"{parts:06}.npz")
        assert not out.exists()
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=True)
    assert done.stdout.count("goes on") == 1
    assert done.stderr == ""
    rows = _rows(out)
    assert [row["row"] for row in rows] == list(map(str, range(ROWS)))
    answered = np.array([[row[f"probability_{name}"] for name in blobs.classes] for row in rows], float)
    np.testing.assert_allclose(answered, ensemble.predict_proba(blobs.pixels)[order], atol=1e-5)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["images.npy", "out.csv"]


def _kill_at(command, path):
    """Start a command, and kill it when a file is there."""
    with subprocess.Popen(list(map(str, command)), stdout=subprocess.DEVNULL) as process:
        until = time.monotonic() + SECONDS
        while not path.exists() and process.poll() is None and time.monotonic() < until:
            time.sleep(0.005)
        os.kill(process.pid, signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
