"""The command line as a user meets it: what it prints, where, and how it ends."""

import os
import signal
import subprocess
import sys
import time
import zipfile

import pytest
from PIL import Image

from zoo import cli

FAST = ["--member", "simple_cnn", "--head-epochs", "2", "--epochs", "0"]


@pytest.fixture(scope="module")
def folder(blobs, tmp_path_factory):
    root = tmp_path_factory.mktemp("images")
    for row, label in enumerate(blobs.labels):
        target = root / blobs.classes[label]
        target.mkdir(exist_ok=True)
        Image.fromarray(blobs.pixels[row]).save(target / f"{row}.png")
    return root


@pytest.fixture(scope="module")
def run(folder, tmp_path_factory):
    out = tmp_path_factory.mktemp("run")
    first = zoo("fit", "--data", folder, "--out", out, "--member", "simple_cnn_regularized", *FAST)
    assert first.returncode == 0, first.stderr
    return out, first


def zoo(*arguments, **options):
    command = [sys.executable, "-m", "zoo.cli", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)


def in_process(monkeypatch, capsys, *arguments):
    """Run a command here, which spares TensorFlow's start; returns its exit code and what it printed."""
    monkeypatch.setattr(sys, "argv", ["zoo", *map(str, arguments)])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return ended.value.code, capsys.readouterr()


def test_list_shows_what_matches():
    done = zoo("list", "convnext*", "--exclude", "*large")
    assert done.returncode == 0
    assert "convnext_small" in done.stdout
    assert "convnext_xlarge" not in done.stdout
    assert "arXiv:2201.03545" in done.stdout


def test_fit_writes_one_line_an_epoch_and_a_leaderboard(run):
    out, done = run
    assert "simple_cnn, whole: epoch 2/2" in done.stdout
    assert "images: 76 train, 20 validation" in done.stdout
    assert "stacked" in done.stdout
    assert (out / "ensemble.json").is_file()
    assert (out / "config.json").is_file()


def test_tensorflow_says_nothing(run):
    assert run[1].stderr == ""


def test_the_same_command_trains_nothing(run, folder):
    out, _ = run
    again = zoo("fit", "--data", folder, "--out", out, "--member", "simple_cnn_regularized", *FAST)
    assert again.returncode == 0
    assert "epoch" not in again.stdout
    assert "simple_cnn: found in" in again.stdout


def test_evaluate_export_and_submit(run, folder, tmp_path):
    out, _ = run
    scored = zoo("evaluate", out, "--data", folder, "--csv", tmp_path / "scores.csv")
    assert "Scores on 96 images (train)" in scored.stdout
    assert (tmp_path / "scores.csv").is_file()
    exported = zoo("export", out, "--method", "stacked", "--out", tmp_path / "model")
    assert exported.returncode == 0, exported.stderr
    assert (tmp_path / "model" / "saved_model.pb").is_file()
    submitted = zoo("submit", out, "--out", tmp_path / "submission.zip")
    assert submitted.returncode == 0, submitted.stderr
    assert "model.py" in zipfile.ZipFile(tmp_path / "submission.zip").namelist()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["list", "nothing*"], "No backbone matches 'nothing*'"),
        (["fit", "--data", "absent", "--out", "out"], "there is nothing at absent"),
        (["fit", "absent.toml", "--data", "demo", "--out", "out"], "there is nothing at absent.toml"),
        (["fit", "--data", "demo", "--out", "out", "--member", "vgg17"], "Did you mean 'vgg1"),
        (["evaluate", "absent", "--data", "demo"], "Expected a run's folder; there is nothing at absent"),
        (["export", ".", "--out", "model"], "Expected a saved ensemble"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(monkeypatch, capsys, tmp_path, arguments, message):
    monkeypatch.chdir(tmp_path)
    code, printed = in_process(monkeypatch, capsys, *arguments)
    assert code == 2
    assert message in printed.err
    assert printed.err.count("\n") == 1


def test_a_fault_is_told_from_a_mistake(monkeypatch, capsys):
    monkeypatch.setattr(cli.zoo, "names", lambda *_, **__: 1 / 0)
    code, printed = in_process(monkeypatch, capsys, "list")
    assert code == 1
    assert "ZeroDivisionError" in printed.err
    assert "--debug" in printed.err


def test_debug_shows_where(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["zoo", "--debug", "list", "nothing*"])
    with pytest.raises(ValueError, match="No backbone matches"):
        cli.main()


def test_killed_during_the_second_member_it_keeps_the_first(folder, tmp_path):
    arguments = ["fit", "--data", folder, "--out", tmp_path, "--member", "simple_cnn", "--head-epochs", "300"]
    arguments += ["--epochs", "0", "--member", "simple_cnn_regularized"]
    first = kill_at("simple_cnn_regularized, whole: epoch", arguments)
    assert any(line.startswith("simple_cnn, whole: epoch") for line in first)
    assert [path.name.split("-")[0] for path in (tmp_path / "members").glob("[!.]*")] == ["simple_cnn"]
    second = kill_at("simple_cnn_regularized, whole: epoch", arguments)
    assert any(line.startswith("simple_cnn: found in") for line in second)
    assert not any(line.startswith("simple_cnn, whole: epoch") for line in second)


def kill_at(beginning, arguments):
    """Run a command, kill it when it prints a line that begins so, and return what it had printed."""
    lines = []
    command = [sys.executable, "-u", "-m", "zoo.cli", *map(str, arguments)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            lines.append(line)
            if line.startswith(beginning):
                process.send_signal(signal.SIGKILL)
                break
    assert process.returncode == -signal.SIGKILL
    return lines


@pytest.mark.slow
def test_a_terminal_sees_bars(tmp_path):
    import pty

    pid, terminal = pty.fork()
    if pid == 0:
        os.environ.update(TERM="xterm", COLUMNS="140")
        arguments = ["fit", "--data", "demo", "--out", str(tmp_path), "--limit", "64", *FAST]
        os.execv(sys.executable, [sys.executable, "-m", "zoo.cli", *arguments])
    shown = b""
    until = time.monotonic() + 300
    while time.monotonic() < until:
        try:
            shown += os.read(terminal, 65536)
        except OSError:
            break
    assert "━" in shown.decode(errors="ignore")
    assert b"epoch 1/2" not in shown
    assert b"Scores on" in shown
