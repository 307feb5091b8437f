"""zoo/export/formats: ONNX, LiteRT, and weights stored in fewer bits."""

import json
from contextlib import nullcontext
from dataclasses import replace

import keras
import numpy as np
import pytest

from zoo import Ensemble, load_saved_model
from zoo.export import ExportError, formats
from zoo.export.int8_check import held_out_images
from zoo.export.manifest import read_manifest

pytestmark = pytest.mark.fits


@pytest.fixture
def onnx():
    pytest.importorskip("tf2onnx")
    return pytest.importorskip("onnxruntime")


@pytest.fixture
def litert():
    return pytest.importorskip("ai_edge_litert.interpreter")


@pytest.fixture
def checked_in_onnx(onnx, monkeypatch):
    """Check ONNX files in this process."""
    monkeypatch.setattr(
        "zoo.export.writing.fresh_process", lambda _: nullcontext(lambda path, images: _ask_onnx(onnx, path, images))
    )


def _ask_onnx(runtime, folder, images):
    session = runtime.InferenceSession(str(folder / "model.onnx"), providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(None, {"images": images}), strict=True))


def _ask_litert(interpreter, folder, images):
    runner = interpreter.Interpreter(str(folder / "model.tflite")).get_signature_runner("serving_default")
    return runner(images=images)


def test_onnx_answers_like_the_ensemble(ensemble, blobs, tmp_path, onnx):
    folder = ensemble.export(tmp_path / "model", method="stacked", format="onnx")
    answers = _ask_onnx(onnx, folder, blobs.pixels)
    assert set(answers) == {"logits", "probabilities"}
    live = ensemble.rule("stacked").combine(ensemble.member_logits(blobs.pixels))
    np.testing.assert_allclose(answers["logits"], live, atol=1e-4)
    assert _ask_onnx(onnx, folder, blobs.pixels[:1])["logits"].shape == (1, 3)
    assert {"ensemble-zoo", "tf2onnx"} <= json.loads((folder / "manifest.json").read_text())["versions"].keys()


@pytest.mark.parametrize("storage", ["float32", "float16"])
def test_litert_answers_like_the_ensemble(ensemble, blobs, tmp_path, litert, storage):
    folder = ensemble.export(tmp_path / "model", format="litert", storage=storage)
    answers = _ask_litert(litert, folder, blobs.pixels)
    assert set(answers) == {"logits", "probabilities"}
    close = 1e-4 if storage == "float32" else 2e-2
    np.testing.assert_allclose(answers["probabilities"], ensemble.predict_proba(blobs.pixels), atol=close)


def test_operations_that_litert_lacks_are_named(blobs, tmp_path, litert):
    images = keras.Input((*blobs.image_size, 3))
    rows = keras.layers.Reshape((blobs.image_size[0], -1))(images)
    recurrent = keras.Model(images, keras.layers.Dense(3)(keras.layers.LSTM(2)(rows)), name="recurrent")
    ensemble = Ensemble([recurrent]).fit(blobs, progress=False)
    with pytest.raises(ValueError, match=r"operations that LiteRT has.*tf\.TensorListReserve"):
        ensemble.export(tmp_path / "model", format="litert")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("form", ["onnx", "litert"])
def test_images_that_are_made_smaller_can_be_exported(form, blobs, tmp_path, onnx, litert):
    """As presets make large ones; TensorFlow's smoothed resizing is in neither format."""
    images = keras.Input((*blobs.image_size, 3))
    small = keras.layers.Resizing(9, 7, antialias=True)(keras.layers.Rescaling(1 / 255)(images))
    shrinking = keras.Model(images, keras.layers.Dense(3)(keras.layers.Flatten()(small)), name="shrinking")
    ensemble = Ensemble([shrinking]).fit(blobs, progress=False)
    folder = ensemble.export(tmp_path / "model", format=form)
    answers = _ask_onnx(onnx, folder, blobs.pixels) if form == "onnx" else _ask_litert(litert, folder, blobs.pixels)
    np.testing.assert_allclose(answers["probabilities"], ensemble.predict_proba(blobs), atol=1e-5)


def test_int8_names_the_same_classes_from_a_quarter_of_the_bytes(ensemble, blobs, tmp_path, litert):
    whole = ensemble.export(tmp_path / "whole", format="litert")
    folder = ensemble.export(tmp_path / "model", format="litert", storage="int8", calibration=blobs.pixels)
    sizes = [(place / "model.tflite").stat().st_size for place in (whole, folder)]
    assert sizes[1] < 0.4 * sizes[0]
    answers = _ask_litert(litert, folder, blobs.pixels)["probabilities"]
    same = answers.argmax(axis=1) == ensemble.predict_proba(blobs.pixels).argmax(axis=1)
    assert same.mean() >= 0.95
    figures = json.loads((folder / "manifest.json").read_text())["differences"]
    assert (figures["same_class"], figures["images"]) == (same.mean(), 96)


def test_onnx_in_int8_names_the_same_classes_and_says_what_it_cost(ensemble, blobs, tmp_path, onnx, checked_in_onnx):
    whole = ensemble.export(tmp_path / "whole", format="onnx")
    folder = ensemble.export(tmp_path / "model", format="onnx", storage="int8", calibration=blobs.pixels)
    sizes = [(place / "model.onnx").stat().st_size for place in (whole, folder)]
    assert sizes[1] < 0.7 * sizes[0]  # of networks so small the graph itself is a good part
    live, held_out = ensemble.predict_proba(blobs.pixels), ensemble.validation_
    answers = _ask_onnx(onnx, folder, blobs.pixels)["probabilities"]
    figures = json.loads((folder / "manifest.json").read_text())["differences"]
    assert figures["same_class"] == np.mean(answers.argmax(axis=1) == live.argmax(axis=1)) >= 0.95
    there = _ask_onnx(onnx, folder, held_out.take(np.arange(len(held_out))))["probabilities"].argmax(axis=1)
    told = figures["held_out"]
    assert (told["images"], told["accuracy"]) == (len(held_out), np.mean(there == held_out.labels))
    assert told["difference"] == pytest.approx(told["accuracy"] - told["accuracy_before"])


def test_int8_of_a_run_without_its_images_is_measured_by_calibration_alone(
    ensemble, blobs, tmp_path, checked_in_onnx, caplog
):
    loaded = Ensemble.load(ensemble.store)
    folder = loaded.export(tmp_path / "model", format="onnx", storage="int8", calibration=blobs.pixels)
    assert json.loads((folder / "manifest.json").read_text())["differences"]["held_out"] is None
    assert "calibrated" in caplog.text


def test_int8_is_not_measured_on_what_the_exported_networks_were_trained_on(ensemble, blobs):
    state = ensemble.state_
    own = held_out_images(state, None)
    assert frozenset(own.digests) == frozenset(state.held_out.digests)
    assert not state.provenance.train & frozenset(held_out_images(state, blobs).digests)
    in_folds = replace(state, held_out=replace(state.held_out, folds=2))
    assert held_out_images(in_folds, None) is None
    assert held_out_images(in_folds, state.images.train) is None


def test_float16_takes_half_the_bytes_and_is_opened_like_the_other(ensemble, exported, blobs, tmp_path, checked_here):
    folder = ensemble.export(tmp_path / "half", storage="float16")
    sizes = [(place / "variables" / "variables.data-00000-of-00001").stat().st_size for place in (exported, folder)]
    assert sizes[1] < 0.55 * sizes[0]
    saved = load_saved_model(folder)
    np.testing.assert_allclose(saved.predict_proba(blobs.pixels), ensemble.predict_proba(blobs.pixels), atol=2e-2)
    assert (saved.manifest["format"], saved.manifest["storage"]) == ("saved_model", "float16")


@pytest.mark.parametrize(("first", "which"), [(0, "96 calibration"), (96, "held-out")])
def test_int8_that_names_other_classes_is_not_kept(ensemble, blobs, tmp_path, onnx, monkeypatch, first, which, refused):
    def wrong(path, images):
        answers = ensemble.predict_proba(images)
        answers[first:] = np.roll(answers[first:], 1, axis=1)
        return {"probabilities": answers}

    monkeypatch.setattr("zoo.export.writing.fresh_process", lambda _: nullcontext(wrong))
    with refused("0.0% of", which, "95%", "alibrate", error=ExportError):
        ensemble.export(tmp_path / "model", format="onnx", storage="int8", calibration=blobs.pixels)
    assert not (tmp_path / "model").exists()


def test_only_a_saved_model_can_be_opened_as_one(ensemble, tmp_path, onnx):
    folder = ensemble.export(tmp_path / "model", format="onnx")
    with pytest.raises(ValueError, match=r"SavedModel.*onnx"):
        load_saved_model(folder)


@pytest.mark.parametrize(
    ("how", "told"),
    [
        ({"format": "pickle"}, "format.*saved_model.*'pickle'"),
        ({"storage": "int8"}, "storage.*float16.*'int8'"),
        ({"format": "onnx", "storage": "float16"}, "storage.*onnx"),
        ({"format": "litert", "storage": "int8"}, "calibrat.*int8"),
        ({"calibration": np.zeros((1, 16, 16, 3), np.uint8)}, "calibrat.*float32"),
    ],
)
def test_what_there_is_not_is_refused_before_anything_is_written(ensemble, tmp_path, how, told):
    with pytest.raises(ValueError, match=told):
        ensemble.export(tmp_path / "model", **how)
    assert not (tmp_path / "model").exists()


def test_an_extra_that_is_missing_is_named(ensemble, tmp_path, monkeypatch):
    monkeypatch.setattr("zoo.utils.modules.find_spec", lambda module: None)
    with pytest.raises(ImportError, match=r"pip install 'ensemble-zoo\[onnx\]'"):
        ensemble.export(tmp_path / "model", format="onnx")


def test_a_saved_model_is_the_default_whatever_other_formats_are_called():
    assert formats.NAMES[0] == formats.DEFAULT == "saved_model"
    assert [formats.format_of(name).name for name in formats.NAMES] == list(formats.NAMES)


@pytest.mark.parametrize(
    ("kind", "ask", "suffix"),
    [
        ("onnx", _ask_onnx, ".onnx"),
        pytest.param("litert", _ask_litert, ".tflite", marks=pytest.mark.slow),
    ],
)
def test_the_file_that_was_named_is_written(
    kind, ask, suffix, ensemble, blobs, tmp_path, request, monkeypatch, refused
):
    runtime = request.getfixturevalue(kind)
    monkeypatch.setattr(
        "zoo.export.writing.fresh_process", lambda _: nullcontext(lambda path, images: ask(runtime, path, images))
    )
    for _ in range(2):  # an earlier one is replaced
        file = ensemble.export(tmp_path / "out" / f"cells{suffix}", format=kind)
    assert sorted(path.name for path in file.parent.iterdir()) == [file.name, f"{file.name}.json"]
    (tmp_path / f"model{suffix}").write_bytes(file.read_bytes())
    if kind == "onnx":
        np.testing.assert_allclose(
            ask(runtime, tmp_path, blobs.pixels)["probabilities"], ensemble.predict_proba(blobs.pixels), atol=1e-4
        )
    assert read_manifest(file)["files"].keys() == {file.name}
    with refused("SavedModel", kind, "runtime"):
        load_saved_model(file)
    for path in (file, file.with_name(f"{file.name}.json")):
        path.rename(path.with_name(path.name.replace("cells", "named")))
    file = file.with_name(f"named{suffix}")
    assert read_manifest(file)["format"] == kind
    file.write_bytes(file.read_bytes() + b"x")
    with refused("cells", "again"):
        read_manifest(file)


@pytest.mark.parametrize(("name", "kind"), [("x.onnx", "saved_model"), ("x.TFLITE", "onnx"), ("x.onnx", "litert")])
def test_a_file_of_another_format_is_refused(name, kind, ensemble, tmp_path, refused):
    if kind != "saved_model":
        pytest.importorskip("tf2onnx")
    with refused(kind, name, "format="):
        ensemble.export(tmp_path / name, format=kind)


@pytest.mark.parametrize("name", ["saved_model.pb", "manifest.json", "model.onnx", "x.onnx", "x.onnx.json"])
def test_a_graph_of_somebody_else_is_not_replaced(name, tmp_path, refused):
    kind = formats.format_of("saved_model" if name in ("saved_model.pb", "manifest.json") else "onnx")
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / kind.file).touch()
    path = tmp_path / "model" / "x.onnx" if name.startswith("x") else tmp_path / "model"
    (tmp_path / "model" / name).write_text('{"version": 3}')
    with refused("an export", name, error=FileExistsError):
        kind.check_place(path)
    manifest = "x.onnx.json" if path.name == "x.onnx" else "manifest.json"
    for own in ('{"classes": [], "format": "onnx", "files": {}}', '{"clas'):
        (tmp_path / "model" / manifest).write_text(own)
        kind.check_place(path)
