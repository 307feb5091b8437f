"""zoo/cli/tracking.py: trackers are checked before a run, and a run outlives their failures."""

import logging
import sys
from types import SimpleNamespace

import pytest
from mlflow import MlflowClient

from zoo.cli import main as cli
from zoo.cli.tracking import record, trackers
from zoo.trackers import MLflow, TensorBoard

ONCE = ["--member", "simple_cnn", "--head-epochs", "1", "--epochs", "0", "--limit", "32", "--augment", "none"]


def command(monkeypatch, capsys, *arguments):
    monkeypatch.setattr(sys, "argv", ["zoo", *map(str, arguments)])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return ended.value.code, "".join(capsys.readouterr())


@pytest.fixture
def files(monkeypatch):
    """Let MLflow keep runs as files."""
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")


def test_those_that_were_asked_for_are_made(tmp_path, files):
    assert trackers(None, False, None, False) == []
    uri = (tmp_path / "mlruns").as_uri()
    assert trackers(tmp_path, False, uri, True) == [TensorBoard(tmp_path), MLflow(uri, saved_model=True)]


def test_a_model_for_no_mlflow_is_refused(refused, tmp_path):
    with refused("--mlflow-model", "Add --mlflow"):
        trackers(tmp_path, False, None, True)


def test_a_wrong_address_ends_before_anything_is_read(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr("zoo.cli.fit.run_fit", lambda *_: pytest.fail("it has begun"))
    options = ["--mlflow-uri", "nothing://known", *ONCE]
    code, printed = command(monkeypatch, capsys, "fit", "--data", "demo", "--out", tmp_path / "run", *options)
    assert code == 2
    assert "nothing://known" in printed
    assert not (tmp_path / "run").exists()


def test_what_a_tracker_raises_is_a_warning_and_the_next_one_records(caplog):
    class Broken:
        def record(self, results):
            raise OSError("no network")

    class Working:
        def record(self, results):
            return f"recorded {results.name}"

    with caplog.at_level(logging.INFO, logger="zoo"):
        record([Broken(), Working()], None, SimpleNamespace(test=None), None, "mine")
    for words in ("Broken has not recorded", "no network", "the same command", "Working: recorded mine"):
        assert words in caplog.text


@pytest.mark.slow
@pytest.mark.fits
@pytest.mark.usefixtures("one_rule", "files")
def test_a_run_is_recorded_and_again_without_training(monkeypatch, capsys, tmp_path):
    uri = (tmp_path / "mlruns").as_uri()
    options = ["--tensorboard", tmp_path / "tb", "--mlflow-uri", uri, *ONCE]
    for _ in range(2):
        code, printed = command(monkeypatch, capsys, "fit", "--data", "demo", "--out", tmp_path / "run", *options)
        assert code == 0
    assert "not trained again" in printed
    assert len(list((tmp_path / "tb" / "members" / "simple_cnn").iterdir())) == 2
    client = MlflowClient(uri)
    experiment = client.get_experiment_by_name("ensemble-zoo").experiment_id
    runs = client.search_runs([experiment], "attributes.run_name = 'run'")
    assert [run.data.params["data.source"] for run in runs] == ["demo", "demo"]
    assert all("report.html" in {file.path for file in client.list_artifacts(run.info.run_id)} for run in runs)
