"""The command line as a user meets it: what it prints, where, and how it ends."""

import csv
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import keras
import numpy as np
import pytest
from PIL import Image

from zoo import Ensemble, Recipe
from zoo.cli import main as cli
from zoo.cli.distill import _how
from zoo.config import read_config
from zoo.models import registry

FAST = ["--member", "simple_cnn", "--head-epochs", "2", "--epochs", "0"]
TWO = [*FAST, "--member", "simple_cnn_regularized"]


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
    """A run that a process of its own made, and what that printed."""
    out = tmp_path_factory.mktemp("run")
    return out, fitted("fit", "--data", folder, "--out", out, *TWO)


def command(*arguments):
    return [sys.executable, "-u", "-m", "zoo.cli.main", *map(str, arguments)]


def zoo(*arguments, **options):
    return subprocess.run(command(*arguments), capture_output=True, text=True, check=False, **options)


def fitted(*arguments):
    done = zoo(*arguments)
    assert done.returncode == 0, done.stderr
    return done


def in_process(monkeypatch, capsys, *arguments):
    """Run a command here, which spares TensorFlow's start; returns its exit code and what it printed."""
    if "y" in arguments:  # a run's folder of that name would be made beside the tests
        arguments = [Path(tempfile.gettempdir(), "y") if word == "y" else word for word in arguments]
    monkeypatch.setattr(sys, "argv", ["zoo", *map(str, arguments)])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return ended.value.code, capsys.readouterr()


def configurations(monkeypatch):
    """Fit nothing; returns a list that takes the configuration of each command."""
    seen = []

    def run_fit(config, *_, **__):
        seen.append(config)
        return SimpleNamespace(failures_={})

    monkeypatch.setattr("zoo.cli.fit.run_fit", run_fit)
    monkeypatch.setattr("zoo.cli.fit.say_stale", lambda *_, **__: None)
    return seen


def by_colour(path, order=(0, 1, 2)):
    """Write a model that needs no training: the mean of each channel is the logit of a class."""
    images = keras.Input((16, 16, 3))
    dense = keras.layers.Dense(3, use_bias=False)
    model = keras.Model(images, dense(keras.layers.GlobalAveragePooling2D()(images)))
    dense.set_weights([np.eye(3)[:, list(order)]])
    model.save(path)
    return path


def test_list_shows_what_matches(monkeypatch, capsys):
    code, printed = in_process(monkeypatch, capsys, "list", "convnext*", "--exclude", "*large")
    assert code == 0
    assert "convnext_small" in printed.out
    assert "convnext_xlarge" not in printed.out
    assert "arXiv:2201.03545" in printed.out


@pytest.mark.slow
def test_killed_during_the_second_member_it_keeps_the_first_and_goes_on(folder, tmp_path):
    arguments = ("fit", "--data", folder, "--out", tmp_path, *TWO)
    lines = kill_at("simple_cnn_regularized, whole: epoch", command(*arguments))
    assert any(line.startswith("simple_cnn, whole: epoch") for line in lines)
    assert [path.name.split("-")[0] for path in (tmp_path / "members").glob("[!.]*")] == ["simple_cnn"]
    again = fitted(*arguments)
    assert re.search("simple_cnn: .*found", again.stdout)
    assert "simple_cnn, whole: epoch" not in again.stdout


def test_fit_writes_one_line_an_epoch_and_a_leaderboard(run):
    out, done = run
    assert re.search("simple_cnn_regularized.*epoch 2/2", done.stdout)
    assert "76 train, 20 validation" in done.stdout
    assert "stacked" in done.stdout
    assert re.search(r"simple_cnn_regularized: .*\d+\.\d min.*\d+\.\d GB", done.stdout)
    assert re.search(rf"{re.escape(str(out))}.*\d+\.\d min.*\d+\.\d GB", done.stdout)
    assert (out / "ensemble.json").is_file()
    assert (out / "config.json").is_file()


def test_tensorflow_says_nothing(run):
    assert run[1].stderr == ""


def test_the_same_command_trains_nothing(run, folder, monkeypatch, capsys):
    code, printed = in_process(monkeypatch, capsys, "fit", "--data", folder, "--out", run[0], *TWO)
    assert code == 0
    assert "epoch 1" not in printed.out
    assert re.search("simple_cnn: .*found", printed.out)


@pytest.mark.slow
def test_fit_can_score_under_shift_in_the_same_command(run, folder, monkeypatch, capsys):
    out, _ = run
    options = [*TWO, "--shift", "--shift-limit", 6]
    code, printed = in_process(monkeypatch, capsys, "fit", "--data", folder, "--out", out, *options)
    assert code == 0
    assert "shifted         95 %   worst" in printed.out
    assert "Balanced accuracy under shift on 6" in printed.out
    assert "bubble_5" in (out / "shift.csv").read_text().splitlines()[0]
    with (out / "leaderboard.csv").open() as file:
        assert all(row["shifted_low"] <= row["shifted"] <= row["shifted_high"] for row in csv.DictReader(file))


def test_evaluate_export_and_submit(run, folder, tmp_path, monkeypatch, capsys):
    written = []
    for what in ("export", "submission"):
        monkeypatch.setattr(Ensemble, what, lambda _, path, method=None, **how: written.append((path, method, how)))
    out, _ = run
    code, printed = in_process(monkeypatch, capsys, "evaluate", out, "--data", folder, "--csv", tmp_path / "scores.csv")
    assert code == 0
    assert f"Scores on 96 images ({folder.name})" in printed.out
    assert (tmp_path / "scores.csv").is_file()
    assert in_process(monkeypatch, capsys, "export", out, "--method", "stacked", "--out", tmp_path / "model")[0] == 0
    assert in_process(monkeypatch, capsys, "submit", out, "--out", tmp_path / "submission.zip")[0] == 0
    (exported, method, how), submitted = written
    assert (exported, method, how["format"]) == (tmp_path / "model", "stacked", "saved_model")
    assert submitted[:2] == (tmp_path / "submission.zip", None)


@pytest.mark.slow
def test_what_is_exported_and_submitted_is_there(run, tmp_path, monkeypatch, capsys):
    out, _ = run
    code, _ = in_process(monkeypatch, capsys, "export", out, "--method", "stacked", "--out", tmp_path / "model")
    assert code == 0
    assert (tmp_path / "model" / "saved_model.pb").is_file()
    code, _ = in_process(monkeypatch, capsys, "submit", out, "--out", tmp_path / "submission.zip")
    assert code == 0
    assert "model.py" in zipfile.ZipFile(tmp_path / "submission.zip").namelist()


def test_evaluate_says_how_many_images_are_answered(run, folder, monkeypatch, capsys):
    code, printed = in_process(monkeypatch, capsys, "evaluate", run[0], "--data", folder, "--abstain", 0.2)
    assert code == 0
    told = re.search(r"20\.00%.*entropy.*?([\d.]+)% of 96", printed.out)
    assert 0 < float(told[1]) <= 100
    code, printed = in_process(monkeypatch, capsys, "evaluate", run[0], "--data", folder, "--abstain", 3)
    assert code == 2
    assert "error" in printed.err


def test_evaluate_says_how_large_sets_are(run, folder, monkeypatch, capsys):
    code, printed = in_process(monkeypatch, capsys, "evaluate", run[0], "--data", folder, "--coverage", 0.9)
    assert code == 0
    told = " ".join(printed.out.split())
    found = re.search(r"90\.00%.*?([\d.]+)% of 96.*?([\d.]+) classes", told)
    assert 0 < float(found[1]) <= 100
    assert 0 < float(found[2]) <= 3


def test_a_runs_members_are_compared(run, tmp_path, monkeypatch, capsys):
    code, printed = in_process(monkeypatch, capsys, "diversity", run[0], "--csv", tmp_path / "members.csv")
    assert code == 0, printed.err
    assert "20 held-out validation images" in printed.out
    assert "simple_cnn_regularized" in (tmp_path / "members.csv").read_text()


def test_what_a_student_is_taught_by_is_typed(run, folder, tmp_path, monkeypatch, capsys):
    class TaughtError(Exception):
        """What it was asked for; nothing is trained."""

    def distill(self, plan, data, **how):
        raise TaughtError(plan.backbone, how["views"], how["share"])

    monkeypatch.setattr(Ensemble, "distill", distill)
    options = ["--data", folder, "--student", "simple_cnn", "--views", 2, "--share", 0.3, "--out", tmp_path]
    code, printed = in_process(monkeypatch, capsys, "distill", run[0], *options)
    assert code == 1
    assert "('simple_cnn', 2, 0.3)" in printed.err


def test_a_student_is_trained_as_the_run_was(run, tmp_path, caplog):
    made, asked = tmp_path / "made", tmp_path / "from_python"
    shutil.copytree(run[0], made)
    chosen = 'members = ["mobilenet_v2"]\nresize = 128\n[recipe]\nhead_solver = "lbfgs"\nepochs = 7\n'
    (made / "config.toml").write_text(chosen)
    config, preparation = _how(made, None)
    assert (config.resize, config.recipe.epochs, config.recipe.head_solver) == (128, 7, "gradient")
    assert preparation == read_config(made / "config.json").data
    asked.mkdir()
    with caplog.at_level("INFO"):
        assert _how(asked, None)[0].recipe == Recipe()
    assert "--config" in caplog.text


@pytest.mark.slow
def test_a_run_teaches_a_student_that_is_a_run_of_its_own(run, folder, tmp_path, monkeypatch, capsys):
    options = ["--data", folder, "--student", "simple_cnn", "--views", 2, "--out", tmp_path / "student"]
    code, printed = in_process(monkeypatch, capsys, "distill", run[0], *options)
    assert code == 0, printed.err
    assert "student" in printed.out
    assert "ensemble above student" in printed.out
    code, printed = in_process(monkeypatch, capsys, "info", tmp_path / "student")
    assert "zoo distill" in printed.out
    code, _ = in_process(
        monkeypatch, capsys, "export", tmp_path / "student", "--out", tmp_path / "model", "--uncertainty"
    )
    assert code == 0
    assert (tmp_path / "model" / "saved_model.pb").is_file()


def test_folds_snapshots_and_views_reach_the_configuration(monkeypatch, capsys):
    seen = configurations(monkeypatch)
    making = ["--folds", 2, "--snapshots", 3, "--views", "flips", "--calibration", "none"]
    assert in_process(monkeypatch, capsys, "fit", "--data", "x", "--out", "y", *making)[0] == 0
    (config,) = seen
    assert (config.folds, config.snapshots, config.views, config.calibration) == (2, 3, "flips", "none")


def test_trained_models_are_members_by_their_path(folder, tmp_path, monkeypatch, capsys, one_rule):
    model = by_colour(tmp_path / "mine.keras", (2, 1, 0))
    out = tmp_path / "run"
    code, printed = in_process(monkeypatch, capsys, "fit", "--data", folder, "--out", out, "--member", model)
    assert code == 0
    assert "mine" in printed.out
    assert [member.name for member in Ensemble.load(out).members_] == ["mine"]


def test_a_run_without_a_member_that_failed_is_kept_and_ends_with_3(folder, tmp_path, monkeypatch, capsys, one_rule):
    good, bad = by_colour(tmp_path / "good.keras", (2, 1, 0)), by_colour(tmp_path / "bad.keras", (1, 2, 0))
    earlier = tmp_path / "earlier.h5"
    earlier.touch()
    fit = ["fit", "--data", folder, "--out", tmp_path / "run", "--member", good, "--member", bad, "--member", earlier]
    code, printed = in_process(monkeypatch, capsys, *fit)
    assert (code, list(Ensemble.load(tmp_path / "run").failures_)) == (3, ["bad", "earlier"])
    assert re.search("failed: bad, earlier.*--allow-failures", printed.out)
    assert in_process(monkeypatch, capsys, *fit, "--allow-failures")[0] == 0
    member = f'{{model = "{bad}", classes = ["green", "blue", "red"]}}'
    (tmp_path / "fit.toml").write_text(f'members = ["{good}", {member}]')
    code, printed = in_process(monkeypatch, capsys, "fit", tmp_path / "fit.toml", *fit[1:5])
    assert code == 0, printed


@pytest.mark.slow
def test_folds_snapshots_and_views_are_options(folder, tmp_path, monkeypatch, capsys):
    short = ["--member", "simple_cnn", "--head-epochs", 1, "--epochs", 1]
    making = ["--folds", 2, "--snapshots", 2, "--views", "flips", "--calibration", "none"]
    code, printed = in_process(monkeypatch, capsys, "fit", "--data", folder, "--out", tmp_path, *short, *making)
    assert code == 0, printed.err
    assert "simple_cnn_fold_2: " in printed.out
    assert "simple_cnn_fold_2_cycle_2: " in printed.out
    assert re.search("simple_cnn_cycle_2.*flips", printed.out)
    assert "without it" in printed.out
    for command in ("evaluate", "report"):  # without --data: on the images of all folds, each held out once
        code, printed = in_process(monkeypatch, capsys, command, tmp_path)
        assert code == 0, printed.err
    numbers = json.loads((tmp_path / "report.json").read_text())
    assert {"simple_cnn", "simple_cnn_cycle_2", "auto"} <= {row["name"] for row in numbers["leaderboard"]["rows"]}


def test_evaluate_under_shift_prints_and_writes_both_tables(run, folder, tmp_path, monkeypatch, capsys):
    out, _ = run
    table = tmp_path / "scores.csv"
    shift = ["--shift", "--shift-limit", 6, "--csv", table]
    code, printed = in_process(monkeypatch, capsys, "evaluate", out, "--data", folder, *shift)
    assert code == 0
    assert re.search("composite.*12 of 12.*6 images", printed.out + printed.err)
    assert "shifted         95 %   worst" in printed.out
    assert f"Balanced accuracy under shift on 6 images ({folder.name})" in printed.out
    assert "shifted" in table.read_text().splitlines()[0]
    assert "motion_blur_5" in (tmp_path / "scores-shift.csv").read_text().splitlines()[0]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["list", "nothing*"], "'nothing*'"),
        (["fit", "--data", "absent", "--out", "out"], "absent"),
        (["fit", "absent.toml", "--data", "demo", "--out", "out"], "absent.toml"),
        (["fit", "--data", "demo", "--out", "out", "--member", "vgg17"], "mean 'vgg1"),
        (["evaluate", "absent", "--data", "demo"], "absent"),
        (["evaluate", ".", "--data", "demo", "--shift-limit", "9"], "--shift-limit 9"),
        (["fit", "--data", "demo", "--out", "out", "--shift-limit", "9"], "--shift-limit 9"),
        (["export", ".", "--out", "model"], "ensemble"),
        (["fit", "--data", "demo", "--out", "out", "--resize", "9xx"], "'9xx'"),
        (["fit", "--data", "demo", "--out", "out", "--method", "softer"], "mean 'soft'"),
        (["fit", "--out", "out"], "zoo fit --help"),
        (["fit", "--data", "demo", "--out", "out", "--epochs", "x"], "'--epochs'"),
        (["list", "--nothing"], "--nothing"),
        (["list", "--nothing", "--debug"], "--nothing"),
        (["lst"], "'lst'"),
        (["--import", "absent_nets", "list"], "'absent_nets'"),
        (["list", "--import"], "Empty module name"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(monkeypatch, capsys, tmp_path, arguments, message):
    monkeypatch.chdir(tmp_path)
    code, printed = in_process(monkeypatch, capsys, *arguments)
    assert code == 2
    assert message in printed.err
    assert printed.err.count("\n") == 1


def test_a_fault_is_told_from_a_mistake(monkeypatch, capsys):
    monkeypatch.setattr("zoo.names", lambda *_, **__: 1 / 0)
    code, printed = in_process(monkeypatch, capsys, "list")
    assert code == 1
    assert "ZeroDivisionError" in printed.err
    assert "--debug" in printed.err


@pytest.mark.parametrize("arguments", [["--debug", "list", "nothing*"], ["list", "nothing*", "--debug"]])
def test_debug_shows_where(monkeypatch, arguments):
    monkeypatch.setattr(sys, "argv", ["zoo", *arguments])
    with pytest.raises(ValueError, match="nothing"):
        cli.main()


@pytest.mark.parametrize("arguments", [[], ["--help"], ["fit", "--help"]])
def test_help_is_no_mistake(monkeypatch, capsys, arguments):
    code, printed = in_process(monkeypatch, capsys, *arguments)
    assert code == 0
    assert "Usage: zoo" in printed.out


def test_help_lists_every_command_with_its_function_s_first_line(monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "200")
    _, printed = in_process(monkeypatch, capsys, "--help")
    for name, function in cli.COMMANDS.items():
        documentation = getattr(import_module(f"zoo.cli.{name}"), function).__doc__
        assert re.search(rf"{name} +{re.escape(documentation.splitlines()[0])}", printed.out)


def test_a_mistyped_command_is_told_its_name(monkeypatch, capsys):
    code, printed = in_process(monkeypatch, capsys, "exprt", "run")
    assert code == 2
    assert "'export'" in printed.err


def test_python_runs_the_package_as_the_program():
    done = subprocess.run([sys.executable, "-m", "zoo", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("ensemble-zoo ")


def test_an_interrupt_says_how_to_go_on(monkeypatch, capsys):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("zoo.names", interrupt)
    code, printed = in_process(monkeypatch, capsys, "list")
    assert code == 130
    assert "same command" in printed.err
    assert printed.err.count("\n") == 1


@pytest.mark.parametrize("arguments", [["--import", "my_nets", "list", "my*"], ["list", "my*", "--import=my_nets"]])
def test_a_users_module_registers_its_backbones(users_module, monkeypatch, capsys, arguments):
    code, printed = in_process(monkeypatch, capsys, *arguments)
    assert code == 0
    assert "my_net" in printed.out


@pytest.fixture
def users_module(monkeypatch, tmp_path):
    lines = ["import zoo", '@zoo.register(pixels="inside")', "def my_net(input_shape, weights=None): ..."]
    (tmp_path / "my_nets.py").write_text("\n".join(lines))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(registry, "_SPECS", dict(registry._SPECS))
    yield
    sys.modules.pop("my_nets", None)


def test_a_seed_that_is_typed_is_the_members_and_not_a_common_one_of_their_streams(monkeypatch, capsys):
    seen = configurations(monkeypatch)
    in_process(monkeypatch, capsys, "fit", "--data", "x", "--out", "y", "--seed", "5")
    assert (seen[0].seed, seen[0].recipe.seed) == (5, None)


def test_a_policy_that_is_typed_leaves_the_strength_of_the_files(monkeypatch, capsys, tmp_path):
    (tmp_path / "file.toml").write_text('[recipe]\naugment = "rand"\nmagnitude = 0.9\nshare = 0.5')
    seen = configurations(monkeypatch)
    code, _ = in_process(
        monkeypatch, capsys, "fit", tmp_path / "file.toml", "--data", "x", "--out", "y", "--augment", "flips"
    )
    assert code == 0
    assert (seen[0].recipe.augment, seen[0].recipe.magnitude, seen[0].recipe.share) == ("flips", None, None)


def test_what_is_typed_comes_before_the_file(monkeypatch, capsys, tmp_path):
    (tmp_path / "file.toml").write_text('weights = "imagenet"\nhigh_pass = true\nseed = 3\n[data]\nlimit = 9')
    seen = configurations(monkeypatch)
    typed = ["--weights", "none", "--resize", "32x48", "--no-high-pass", "--epochs", "2", "--keep-duplicates"]
    typed += ["--augment", "rand", "--augment", "flips", "--decisions", "findings.csv"]
    code, _ = in_process(monkeypatch, capsys, "fit", tmp_path / "file.toml", "--data", "x", "--out", "y", *typed)
    (config,) = seen
    assert code == 0
    assert (config.weights, config.resize, config.high_pass, config.seed) == (None, (32, 48), False, 3)
    assert (config.recipe.epochs, config.data.limit, config.data.drop_duplicates) == (2, 9, False)
    assert (config.recipe.augment, config.data.decisions) == (("rand", "flips"), "findings.csv")


def kill_at(beginning, arguments):
    """Run a command line, kill it when it prints a line that begins so, and return what it had printed."""
    lines = []
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as process:
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
        os.execv(sys.executable, [sys.executable, "-m", "zoo.cli.main", *arguments])
    shown = b""
    until = time.monotonic() + 300
    while time.monotonic() < until:
        try:
            shown += os.read(terminal, 65536)
        except OSError:
            break
    assert "█" in shown.decode(errors="ignore")
    assert b"Plan of the run" in shown
    assert b"epoch 1/2" not in shown
    assert b"Scores on" in shown
