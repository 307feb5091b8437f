"""zoo/export/loading.py and manifest.py."""

import json
import shutil

import numpy as np
import pytest

from zoo import load_saved_model


@pytest.fixture
def folder(exported, tmp_path):
    return shutil.copytree(exported, tmp_path / "model")


def test_it_answers_like_the_ensemble(ensemble, exported, blobs):
    saved = load_saved_model(exported)
    np.testing.assert_allclose(saved.predict_proba(blobs.pixels), ensemble.predict_proba(blobs.pixels), atol=1e-4)
    np.testing.assert_array_equal(saved.predict(blobs.pixels), ensemble.predict_proba(blobs.pixels).argmax(axis=1))
    assert saved.predict(blobs.pixels).dtype == np.int64


def test_it_knows_classes_and_size(exported):
    saved = load_saved_model(exported)
    assert saved.class_names_ == ("red", "green", "blue")
    assert saved.image_size_ == (16, 16)


def test_images_of_another_size_are_refused(exported):
    with pytest.raises(ValueError, match=r"\(16, 16\).*\(8, 8\)"):
        load_saved_model(exported).predict(np.full((1, 8, 8, 3), 200, np.uint8))


@pytest.mark.parametrize("name", ["saved_model.pb", "variables/variables.data-00000-of-00001"])
def test_a_changed_file_is_refused(folder, name):
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(content)
    with pytest.raises(ValueError, match=name):
        load_saved_model(folder)


def test_a_file_that_was_added_or_taken_away_is_refused(folder):
    (folder / "variables" / "variables.index").unlink()
    (folder / "other.txt").write_text("")
    with pytest.raises(ValueError, match=r"other\.txt, variables/variables\.index"):
        load_saved_model(folder)


def test_a_folder_without_manifest_is_refused(folder):
    (folder / "manifest.json").unlink()
    with pytest.raises(FileNotFoundError, match=r"manifest\.json"):
        load_saved_model(folder)


def test_the_manifest_has_the_rules_row_of_the_leaderboard(exported, ensemble):
    manifest = json.loads((exported / "manifest.json").read_text())
    row = manifest["leaderboard"]["row"]
    assert (row["name"], row["kind"]) == ("auto", "rule")
    assert manifest["leaderboard"]["where"] == ensemble.leaderboard_.where
    assert manifest["outputs"] == ["logits", "probabilities"]
    assert set(manifest["files"]) == {
        "saved_model.pb",
        "variables/variables.index",
        "variables/variables.data-00000-of-00001",
    }


def test_loaded_images_are_predicted_as_their_pixels(exported, blobs):
    saved = load_saved_model(exported)
    np.testing.assert_array_equal(saved.predict_proba(blobs), saved.predict_proba(blobs.pixels))
