"""zoo/inference/engines: exported files and kept graphs, against the ensemble itself."""

import logging
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from ensembles.seals import SEAL, sealed
from zoo import Predictor, load_saved_model, predict
from zoo.export.manifest import FORMAT, FORMAT_KEY
from zoo.inference.graphs import open_graph
from zoo.state.export_files import manifest_file
from zoo.utils.files import read_json, write_json
from zoo.utils.hashing import hash_file

pytestmark = pytest.mark.fits


@pytest.fixture(scope="module")
def onnx_file(ensemble, tmp_path_factory):
    pytest.importorskip("tf2onnx")
    return ensemble.export(tmp_path_factory.mktemp("onnx") / "cells.onnx", format="onnx", uncertainty=True)


@pytest.fixture(scope="module")
def litert_folder(ensemble, tmp_path_factory):
    pytest.importorskip("ai_edge_litert")
    return ensemble.export(tmp_path_factory.mktemp("litert") / "phone", format="litert")


@pytest.fixture
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


def _agree(graph, ensemble, blobs):
    found = graph.answer(blobs.pixels)["probabilities"]
    np.testing.assert_allclose(found, ensemble.predict_proba(blobs.pixels), atol=1e-4)


def test_an_onnx_file_answers_like_the_ensemble_in_a_table_and_in_threads(onnx_file, ensemble, blobs, tmp_path):
    expected = ensemble.predict_proba(blobs.pixels)
    assert predict(onnx_file, blobs.pixels, tmp_path / "out.csv", uncertainty=True).images == 96
    assert len((tmp_path / "out.csv").read_text().splitlines()[0].split(",")) == 7
    predictor = Predictor(onnx_file)
    with ThreadPoolExecutor(4) as pool:
        parts = list(pool.map(predictor.probabilities, np.split(blobs.pixels, 32)))
    np.testing.assert_allclose(np.concatenate(parts), expected, atol=1e-4)
    assert predictor._graph().engine == "onnx"


def test_a_litert_folder_answers_like_the_ensemble_and_so_does_the_file_in_it(litert_folder, ensemble, blobs):
    expected = ensemble.predict_proba(blobs.pixels)
    for path in (litert_folder, litert_folder / "model.tflite"):
        graph = open_graph(path)
        with ThreadPoolExecutor(4) as pool:
            parts = list(pool.map(graph.answer, np.split(blobs.pixels, [5, 40])))
        np.testing.assert_allclose(np.concatenate([part["probabilities"] for part in parts]), expected, atol=1e-4)
        assert graph.engine == "litert"


def test_an_onnx_file_needs_no_tensorflow(onnx_file, blobs, tmp_path):
    np.save(tmp_path / "images.npy", blobs.pixels)
    code = (
        "import sys; sys.modules.update(tensorflow=None, keras=None); import zoo; "
        f"zoo.predict({str(onnx_file)!r}, {str(tmp_path / 'images.npy')!r}, {str(tmp_path / 'out.csv')!r})"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    assert len((tmp_path / "out.csv").read_text().splitlines()) == 97


def test_a_model_is_opened_by_its_own_engine_only(onnx_file, exported, refused):
    with refused("--engine", "an ONNX file", "'tensorflow'"):
        open_graph(onnx_file, engine="tensorflow")
    with refused("--engine", "a SavedModel", "'litert'", "zoo export"):
        open_graph(exported, engine="litert")
    with refused("--engine", "'onxx'", "onnx"):
        open_graph(exported, engine="onxx")
    with refused("method", "'hard'"):
        open_graph(onnx_file, method="hard")


def test_a_file_without_its_manifest_or_runtime_is_refused(onnx_file, tmp_path, monkeypatch, refused):
    (tmp_path / "x.onnx").write_bytes(onnx_file.read_bytes())
    with refused("x.onnx.json", "zoo export", error=FileNotFoundError):
        open_graph(tmp_path / "x.onnx")
    monkeypatch.setattr("zoo.utils.modules.find_spec", lambda name: None)
    with refused("onnxruntime", "pip install 'ensemble-zoo[onnx]'", error=ImportError):
        open_graph(onnx_file)


def test_what_onnx_runtime_cannot_read_is_said(onnx_file, tmp_path, refused):
    broken = tmp_path / "x.onnx"
    broken.write_bytes(onnx_file.read_bytes()[:1000])
    kept = {name: value for name, value in read_json(manifest_file(onnx_file)).items() if name != SEAL}
    record = kept | {"files": {broken.name: hash_file(broken)}}
    write_json(manifest_file(broken), sealed(record, FORMAT, FORMAT_KEY))
    with refused("onnxruntime", "x.onnx", "again"):
        open_graph(broken)


def test_the_graph_of_a_saved_model_is_made_once_and_found_again(exported, ensemble, blobs, own_cache, caplog):
    pytest.importorskip("tf2onnx")
    saved = load_saved_model(exported)
    graph = open_graph(saved, engine="onnx")
    (file,) = (exported.parent / f"{exported.name}.engines").glob("*.onnx")
    np.testing.assert_allclose(
        graph.answer(blobs.pixels)["probabilities"], ensemble.predict_proba(blobs.pixels), atol=1e-4
    )
    assert graph.identity == open_graph(exported, engine="tensorflow").identity  # so that a table goes on with either
    written = file.stat().st_mtime_ns
    with caplog.at_level(logging.INFO, "zoo"):
        assert open_graph(exported, batch_size=1).engine in {"onnx", "tensorflow"}
    assert "in batches of 1" in caplog.text
    assert file.stat().st_mtime_ns == written
    content = file.read_bytes()
    file.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    assert open_graph(exported).engine == "tensorflow"  # what was changed counts as absent, and few images make none
    open_graph(exported, engine="onnx")
    assert file.stat().st_mtime_ns != written
    assert not own_cache.exists()


def test_the_graph_of_a_run_is_kept_in_it_and_opens_without_its_members(run, ensemble, blobs, own_cache, monkeypatch):
    pytest.importorskip("tf2onnx")
    open_graph(run, engine="onnx")
    assert list((run / "engines").glob("*.onnx"))
    monkeypatch.setattr("zoo.inference.engines.of_run._joined", lambda *_: pytest.fail("members are opened"))
    graph = open_graph(run, engine="onnx")
    np.testing.assert_allclose(
        graph.answer(blobs.pixels)["probabilities"], ensemble.predict_proba(blobs.pixels), atol=1e-4
    )


def test_where_a_folder_is_read_only_the_graph_is_kept_in_the_users(exported, own_cache, monkeypatch):
    pytest.importorskip("tf2onnx")
    monkeypatch.setattr("zoo.inference.engines.of_export.FOLDER", "elsewhere")
    monkeypatch.setattr(
        "zoo.inference.engines.kept_graph.os.access", lambda path, _: str(path).startswith(str(own_cache.parent))
    )
    open_graph(exported, engine="onnx")
    assert list((own_cache / "ensemble-zoo" / "engines").glob("*.onnx"))
