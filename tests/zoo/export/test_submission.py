"""The submission as a contest server meets it."""

import os
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ensembles.seals import sealed
from zoo import load_saved_model
from zoo.data.targets import Targets
from zoo.export import submission as write
from zoo.export import submission_model as template
from zoo.export.submission import try_submission
from zoo.utils.files import read_json, write_json

OLD_PYTHON = os.environ.get("ZOO_OLD_PYTHON")


@pytest.fixture(scope="module")
def submission(ensemble, exported, tmp_path_factory):
    """A submission of what is exported already, tried in a clean interpreter by a test below and not here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(write, "write_graph", lambda _, path, __: shutil.copytree(exported, path))
        patch.setattr(write, "try_submission", lambda _, images: ensemble.predict_proba(images))
        return ensemble.submission(tmp_path_factory.mktemp("out") / "submission.zip")


def test_model_py_and_the_saved_model_lie_at_the_top(submission):
    with zipfile.ZipFile(submission) as archive:
        names = archive.namelist()
        source = archive.read("model.py").decode()
    assert {name.split("/")[0] for name in names} == {"model.py", "saved_model"}
    assert "saved_model/saved_model.pb" in names
    assert "zoo" not in source


@pytest.mark.slow
def test_it_answers_like_the_ensemble_in_a_clean_interpreter(ensemble, submission, blobs):
    answered = try_submission(submission, blobs.pixels)
    np.testing.assert_allclose(answered, ensemble.predict_proba(blobs), atol=1e-4)


@pytest.mark.skipif(OLD_PYTHON is None, reason="ZOO_OLD_PYTHON names no interpreter with an older TensorFlow")
def test_it_answers_like_the_ensemble_under_an_older_tensorflow(ensemble, submission, blobs):
    answered = try_submission(submission, blobs.pixels, python=str(Path(OLD_PYTHON).absolute()))
    np.testing.assert_allclose(answered, ensemble.predict_proba(blobs), atol=1e-4)


def test_one_that_does_not_run_is_not_kept(ensemble, tmp_path, checked_here, monkeypatch):
    broken = tmp_path / "model.py"
    broken.write_text("raise RuntimeError('no luck')")
    monkeypatch.setattr(write, "TEMPLATE", broken)
    with pytest.raises(write.ExportError, match="no luck"):
        ensemble.submission(tmp_path / "out" / "submission.zip")
    assert list((tmp_path / "out").iterdir()) == []


@pytest.fixture
def model(submission, tmp_path, monkeypatch):
    with zipfile.ZipFile(submission) as archive:
        archive.extractall(tmp_path)
    monkeypatch.setattr(template, "FOLDER", str(tmp_path / "saved_model"))
    monkeypatch.setattr(template, "_MODEL", None)
    return template


def test_predict_answers_integer_ids_for_any_number_of_images(model, blobs, ensemble):
    for count in (0, 1, 65, len(blobs)):
        ids = model.predict(blobs.pixels[:count])
        assert ids.shape == (count,)
        assert ids.dtype == np.int64
    np.testing.assert_array_equal(model.predict(blobs.pixels), ensemble.predict(blobs))


LABELS = {
    "numbers": np.array([1, 2, 40]),
    "strings": np.array(["blé", "café", "thé"]),
    "objects": np.array(["a", "b", "c"], dtype=object),
}


@pytest.mark.parametrize(
    "kind", ["strings", *(pytest.param(kind, marks=pytest.mark.slow) for kind in ("numbers", "objects"))]
)
def test_it_answers_what_the_ensemble_answers(kind, model, exported, ensemble, blobs, tmp_path, monkeypatch):
    labels = LABELS[kind]
    targets = Targets(tuple(map(str, labels)), labels)
    state = replace(ensemble.state_, targets=targets)
    manifest = tmp_path / "saved_model" / "manifest.json"
    record = {name: value for name, value in read_json(manifest).items() if name != "seal"}
    write_json(manifest, sealed(record | targets.as_dict(), 1, "manifest_format"))
    monkeypatch.setattr(template, "ANSWERS", "labels")
    for own in (model.Model(), load_saved_model(tmp_path / "saved_model")):
        answered = own.predict(blobs.pixels)
        np.testing.assert_array_equal(answered, state.targets.answers(ensemble.predict(blobs)))
        assert answered.dtype == labels.dtype
    monkeypatch.setattr(template, "ANSWERS", "ids")
    np.testing.assert_array_equal(model.Model().predict(blobs.pixels), ensemble.predict(blobs))
    monkeypatch.setattr(template, "ANSWERS", "names")
    np.testing.assert_array_equal(model.Model().predict(blobs.pixels), np.array(targets.names)[ensemble.predict(blobs)])
    assert "'blé'" in write._described(state, "labels") or kind != "strings"


def test_what_is_answered_is_chosen_and_said(ensemble, exported, tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(write, "write_graph", lambda _, path, __: shutil.copytree(exported, path))
    monkeypatch.setattr(write, "try_submission", lambda _, images: ensemble.predict_proba(images))
    with caplog.at_level("INFO", logger="zoo"):
        path = ensemble.submission(tmp_path / "submission.zip", answers="names")
        ensemble.submission(tmp_path / "ids.zip")
    assert "'red', 'green', 'blue'" in caplog.text
    assert "0 for red, 1 for green" in caplog.text
    with zipfile.ZipFile(path) as archive:
        assert 'ANSWERS = "names"' in archive.read("model.py").decode()
    with pytest.raises(ValueError, match=r"labels, ids, names.*'name'"):
        ensemble.submission(path, answers="name")
    with zipfile.ZipFile(tmp_path / "train.zip", "w") as archive:
        archive.writestr("cat/1.png", b"")
    for name in ("train.zip", "cut.zip"):
        (tmp_path / "cut.zip").write_bytes(b"PK")
        with pytest.raises(FileExistsError, match=name):
            ensemble.submission(tmp_path / name)
    ensemble.submission(path)
    (tmp_path / "labels.csv").write_text("id,label")
    with pytest.raises(ValueError, match=r"\.zip.*labels\.csv"):
        ensemble.submission(tmp_path / "labels.csv")


def test_the_manifest_has_ids_names_and_labels(exported):
    manifest = read_json(exported / "manifest.json")
    assert (manifest["ids"], manifest["classes"]) == ([0, 1, 2], ["red", "green", "blue"])
    assert manifest["labels"] is None


def test_floats_of_0_to_255_are_taken_and_others_are_not(model, blobs):
    expected = model.predict(blobs.pixels)
    np.testing.assert_array_equal(model.predict(blobs.pixels.astype("float32")), expected)
    np.testing.assert_array_equal(model.predict(blobs.pixels.tolist()), expected)
    with pytest.raises(ValueError, match=r"0 to 255.*0 to 1"):
        model.predict(blobs.pixels / 255.0)
    with pytest.raises(ValueError, match="0 to 255"):
        model.predict(blobs.pixels.astype("float32") - 300)
    with pytest.raises(ValueError, match=r"\(n, 16, 16, 3\)"):
        model.predict(blobs.pixels[:, :8])


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        ((16, 16, 3), r"X\[None\]"),
        ((40, 30, 3), r"X\[None\].*16 x 16"),
        ((2, 40, 30, 3), r"16 x 16 \(height x width\).*aspect"),
        ((2, 3, 16, 16), "transpose"),
        ((2, 16, 16, 2), "RGB"),
    ],
)
def test_images_of_another_shape_are_refused_with_the_remedy(shape, words, model):
    with pytest.raises(ValueError, match=words):
        model.Model().predict(np.full(shape, 100, np.uint8))


def _objects(images):
    array = np.empty(len(images), object)
    array[:] = list(images)
    return array


@pytest.mark.parametrize("kind", [list, tuple, _objects, lambda images: images.astype(object)])
def test_a_list_or_an_object_array_of_equal_images_is_one_array(kind, model, blobs):
    expected = model.predict(blobs.pixels[:5])
    np.testing.assert_array_equal(model.predict(kind(blobs.pixels[:5])), expected)
    grey = blobs.pixels[:5, ..., 0]
    np.testing.assert_array_equal(model.predict(kind(grey)), model.predict(grey))


PICTURE = np.full((16, 16, 3), 90, np.uint8)


@pytest.mark.parametrize(
    ("others", "words"),
    [
        (np.zeros((20, 30, 3)), ("(20, 30, 3)", "16 x 16")),
        (np.zeros((16, 16)), ("(16, 16)", "RGB")),
        (None, ("Expected images of one shape", "()")),
    ],
)
@pytest.mark.parametrize("kind", [list, lambda images: _objects([images[0], 0]) if images[1] is None else images])
def test_images_of_differing_shapes_are_refused_with_the_remedy(others, words, kind, model, refused):
    with refused(*words):
        model.predict(kind([PICTURE, others]))


@pytest.mark.parametrize("images", [["a.png", "b.png"], [None], np.array(None, object), [b"\x89PNG"]])
def test_what_is_no_number_is_refused(images, model, refused):
    with refused("numbers", "Read the images"):
        model.predict(images)
