"""The submission as a contest server meets it."""

import os
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest

from zoo.export import submission as write
from zoo.export import submission_model as template
from zoo.export.submission import try_submission

OLD_PYTHON = os.environ.get("ZOO_OLD_PYTHON")


@pytest.fixture(scope="module")
def submission(ensemble, exported, tmp_path_factory):
    """A submission of what is exported already, tried in a clean interpreter by a test below and not here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(write, "export", lambda _, path, __: shutil.copytree(exported, path))
        patch.setattr(write, "try_submission", lambda _, images: ensemble.predict_proba(images))
        return ensemble.submission(tmp_path_factory.mktemp("out") / "submission.zip")


def test_model_py_and_the_saved_model_lie_at_the_top(submission):
    with zipfile.ZipFile(submission) as archive:
        names = archive.namelist()
        source = archive.read("model.py").decode()
    assert {name.split("/")[0] for name in names} == {"model.py", "saved_model"}
    assert "saved_model/saved_model.pb" in names
    assert "zoo" not in source


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
