"""zoo/cli/export.py: what is handed to the export."""

import json
import shutil

import pytest

from zoo.ensemble.estimator import Ensemble

pytestmark = pytest.mark.fits


@pytest.fixture
def handed(monkeypatch):
    """What exports were asked for; nothing is written."""
    options = []
    monkeypatch.setattr(Ensemble, "export", lambda self, out, **given: options.append(given) or out)
    return options


def test_int8_is_measured_on_the_images_that_the_run_held_out(zoo, fitted_run, coloured_files, tmp_path, handed):
    how = ("--format", "onnx", "--storage", "int8", "--calibration", coloured_files)
    assert zoo("export", fitted_run, "--out", tmp_path / "model", *how).code == 0
    (given,) = handed
    assert Ensemble.load(fitted_run).held_out_.covers(given["held_out"])
    assert given["calibration"].shape[1:] == (16, 16, 3)


def test_it_goes_without_where_they_are_gone(zoo, fitted_run, coloured_files, tmp_path, handed):
    run = shutil.copytree(fitted_run, tmp_path / "run")
    record = json.loads((run / "run.json").read_text())
    (run / "run.json").write_text(json.dumps({**record, "source": str(tmp_path / "gone")}))
    how = ("--format", "onnx", "--storage", "int8", "--calibration", coloured_files)
    done = zoo("export", run, "--out", tmp_path / "model", *how)
    assert (done.code, handed[0]["held_out"]) == (0, None)
    assert "held-out images could not be read" in done.out + done.err


def test_members_are_chosen_as_asked(zoo, fitted_run, tmp_path, handed):
    zoo("export", fitted_run, "--out", tmp_path / "model", "--prune-members")
    zoo("export", fitted_run, "--out", tmp_path / "model", "--max-latency", "20ms")
    chosen = [(given["prune_members"], given["max_latency"], given["held_out"]) for given in handed]
    assert chosen == [(True, None, None), (False, "20ms", None)]


def test_a_latency_without_a_unit_is_refused(zoo, fitted_run, tmp_path):
    done = zoo("export", fitted_run, "--out", tmp_path / "model", "--max-latency", "20")
    assert done.code != 0
    assert "--max-latency" in done.err + done.out
    assert not (tmp_path / "model").exists()
