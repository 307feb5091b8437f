"""zoo/inference/graphs.py: runs and SavedModels, against the ensemble itself."""

import csv

import numpy as np
import pytest

from zoo import load_saved_model, predict
from zoo.export import ExportError
from zoo.inference.graphs import open_graph
from zoo.members.store import Store


def _table(path):
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    return np.array([[float(row[f"probability_{name}"]) for name in ("red", "green", "blue")] for row in rows]), rows


def test_a_run_and_its_export_answer_like_the_ensemble(ensemble, run, exported, blobs, tmp_path):
    expected = ensemble.predict_proba(blobs.pixels)
    for model in (run, exported, ensemble, load_saved_model(exported)):
        predict(model, blobs.pixels, tmp_path / "out.csv", part_rows=40)
        probabilities, rows = _table(tmp_path / "out.csv")
        np.testing.assert_allclose(probabilities, expected, atol=1e-5)
        assert [row["class_id"] for row in rows] == expected.argmax(axis=1).astype(str).tolist()


def test_a_run_answers_by_the_rule_that_is_asked_for(ensemble, run, blobs, tmp_path):
    import ensembles

    predict(run, blobs.pixels, tmp_path / "out.csv", method="hard")
    expected = ensemble.rule("hard").combine(ensemble.member_logits(blobs.pixels))
    np.testing.assert_allclose(_table(tmp_path / "out.csv")[0], ensembles.metrics.softmax(expected), atol=1e-5)


def test_a_run_says_how_unsure_it_is(ensemble, run, blobs, tmp_path):
    predict(run, blobs.pixels, tmp_path / "out.csv", uncertainty=True)
    uncertainty = [float(row["uncertainty"]) for row in _table(tmp_path / "out.csv")[1]]
    np.testing.assert_allclose(uncertainty, ensemble.answer(blobs.pixels).uncertainty, atol=1e-4)


@pytest.mark.slow
def test_what_decides_the_answers_decides_the_identity(ensemble, run, exported, monkeypatch):
    identity = open_graph(run).identity
    assert open_graph(run).identity == identity
    with monkeypatch.context() as patch:
        patch.setattr(Store, "file_hash", lambda self, key: "of weights that were trained elsewhere")
        assert open_graph(run).identity != identity
    others = {open_graph(run, method="hard").identity, open_graph(run, uncertainty=True).identity}
    assert len({identity, *others, open_graph(exported).identity}) == 4


def test_a_saved_model_takes_no_method_and_has_the_uncertainty_that_it_has(exported, ensemble, tmp_path, checked_here):
    with pytest.raises(ValueError, match=r"'auto'.*'hard'"):
        open_graph(exported, method="hard")
    with pytest.raises(ValueError, match="logits, probabilities"):
        open_graph(exported, uncertainty=True)
    unsure = ensemble.export(tmp_path / "unsure", uncertainty=True)
    graph = open_graph(unsure)
    assert graph.uncertain
    assert graph.answer(np.zeros((2, 16, 16, 3), np.uint8))["uncertainty"].shape == (2,)


def test_what_is_neither_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"ensemble\.json.*manifest\.json"):
        open_graph(tmp_path)


def test_a_run_needs_keras_on_tensorflow(run, monkeypatch):
    import keras

    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    with pytest.raises(RuntimeError, match=r"TensorFlow.*jax"):
        open_graph(run)


def test_a_run_whose_graph_answers_differently_is_not_predicted_with(run, monkeypatch):
    monkeypatch.setattr("zoo.inference.engines.of_run.check_close", _refuse)
    with pytest.raises(ExportError, match="differ"):
        open_graph(run)


def test_something_else_is_refused():
    with pytest.raises(TypeError, match=r"SavedModel.*int"):
        open_graph(3)


def _refuse(*_):
    raise ExportError("they differ")
