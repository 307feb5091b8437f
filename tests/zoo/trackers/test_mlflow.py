"""zoo/trackers/mlflow.py: what MLflow's client reads back from a store of files."""

import json
import sys
from types import SimpleNamespace

import pytest
from mlflow import MlflowClient

from zoo import Ensemble
from zoo.trackers import MLflow, to_mlflow
from zoo.trackers import mlflow as module


@pytest.fixture
def uri(tmp_path, monkeypatch):
    """A store of files, which MLflow wants to be asked for."""
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    monkeypatch.delenv("MLFLOW_EXPERIMENT_NAME", raising=False)
    return (tmp_path / "mlruns").as_uri()


@pytest.fixture
def reported(monkeypatch):
    """A report that is made at once; tests/zoo/html_report and the slow test make real ones."""

    def make(self, data=None, *, title, run):
        def write(path):
            path.write_text(title)
            path.with_suffix(".json").write_text("{}")

        return SimpleNamespace(write=write)

    monkeypatch.setattr(Ensemble, "report", make)


def inside(client, run):
    found = client.search_runs([run.info.experiment_id], f"tags.mlflow.parentRunId = '{run.info.run_id}'")
    return {one.info.run_name: one for one in found}


def files(client, run, place=None):
    return {file.path for file in client.list_artifacts(run, place)}


@pytest.mark.usefixtures("reported")
def test_a_run_has_parameters_scores_and_files(trained, uri):
    client = MlflowClient(uri)
    run = client.get_run(to_mlflow(trained, uri, name="first"))
    assert (run.info.run_name, run.info.status) == ("first", "FINISHED")
    assert client.get_experiment(run.info.experiment_id).name == "ensemble-zoo"
    assert run.data.params.items() >= {"method": "auto", "recipe.head_epochs": "3", "data.held_out": "24"}.items()
    assert {"versions.keras", "machine.cores"} <= run.data.params.keys()
    rows = {row["name"]: row for row in trained.leaderboard()}
    assert run.data.metrics["scores/log_loss"] == pytest.approx(rows["auto"]["log_loss"])
    for name, row in rows.items():
        assert run.data.metrics[f"leaderboard/{name}/balanced_accuracy"] == pytest.approx(row["balanced_accuracy"])
    assert files(client, run.info.run_id) == {"leaderboard.csv", "confusion_matrix.png", "report.html", "report.json"}


@pytest.mark.usefixtures("reported")
def test_each_member_is_a_run_inside_with_its_curves(trained, uri):
    client = MlflowClient(uri)
    members = inside(client, client.get_run(to_mlflow(trained, uri)))
    assert members.keys() == {member.name for member in trained.members_}
    for member in trained.members_:
        run = members[member.name]
        for figure in ("loss", "accuracy", "val_loss", "val_accuracy", "learning_rate"):
            kept = client.get_metric_history(run.info.run_id, figure)
            expected = [(step, pytest.approx(own[figure])) for step, own in enumerate(member.history, start=1)]
            assert sorted((metric.step, metric.value) for metric in kept) == expected
        assert run.data.params["backbone"] == member.plan.backbone
        assert "scores/balanced_accuracy" in run.data.metrics


def test_an_export_is_uploaded(trained, uri, exported):
    client = MlflowClient(uri)
    run = to_mlflow(trained, uri, report=False, saved_model=exported)
    assert {"saved_model/manifest.json", "saved_model/saved_model.pb"} <= files(client, run, "saved_model")
    assert "report.html" not in files(client, run)


@pytest.mark.usefixtures("checked_here")
def test_an_export_is_made(trained, uri):
    run = to_mlflow(trained, uri, report=False, saved_model=True)
    assert "saved_model/manifest.json" in files(MlflowClient(uri), run, "saved_model")


def test_a_loaded_ensemble_without_images_has_no_report(trained, uri):
    run = to_mlflow(Ensemble.load(trained.state_.store.root), uri)
    assert files(MlflowClient(uri), run) == {"leaderboard.csv", "confusion_matrix.png"}


@pytest.mark.slow
def test_the_report_is_the_ensembles(trained, uri, tmp_path):
    client = MlflowClient(uri)
    run = to_mlflow(trained, uri)
    numbers = client.download_artifacts(run, "report.json", str(tmp_path))
    with open(numbers) as file:  # noqa: PTH123
        assert json.load(file)["leaderboard"]


@pytest.mark.usefixtures("reported")
def test_the_variables_of_mlflow_name_server_and_experiment(trained, uri, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    monkeypatch.setenv("MLFLOW_EXPERIMENT_NAME", "cells")
    client = MlflowClient(uri)
    run = client.get_run(to_mlflow(trained))
    assert client.get_experiment(run.info.experiment_id).name == "cells"


def test_what_fails_leaves_the_scores_and_a_run_that_says_so(trained, uri, monkeypatch):
    def fail(self, *args, **kwargs):
        raise OSError("no room")

    monkeypatch.setattr(Ensemble, "report", fail)
    with pytest.raises(OSError, match="no room"):
        to_mlflow(trained, uri, name="failing")
    client = MlflowClient(uri)
    experiment = client.get_experiment_by_name("ensemble-zoo").experiment_id
    (run,) = client.search_runs([experiment], "attributes.run_name = 'failing'")
    assert run.info.status == "FAILED"
    assert "scores/balanced_accuracy" in run.data.metrics
    assert "leaderboard.csv" in files(client, run.info.run_id)


@pytest.mark.parametrize("uri", ["http://127.0.0.1:9", "nothing://known", "sqlite:///no.db"])
def test_a_server_that_does_not_answer_is_told_of(uri, refused, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    if uri.startswith("sqlite"):
        monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    with refused("MLflow server", uri, "--mlflow-uri"):
        MLflow(uri).check()


def test_a_folder_without_an_export_is_refused(uri, refused, tmp_path):
    with refused("export", str(tmp_path / "none")):
        MLflow(uri, saved_model=tmp_path / "none").check()


def test_without_mlflow_the_extra_is_named(monkeypatch, refused):
    monkeypatch.setitem(sys.modules, "mlflow", None)
    with refused("pip install 'ensemble-zoo[mlflow]'", error=ImportError):
        module.MLflow().check()
