"""Ensembles on disk: every fit with a store leaves one, and a kill leaves the one before."""

import keras
import numpy as np
import pytest

import ensembles
from zoo import Ensemble
from zoo.state import persistence
from zoo.utils.files import read_json

pytestmark = pytest.mark.fits


@pytest.fixture(autouse=True)
def one_rule(monkeypatch):
    """Others would be fitted in seconds, and say nothing more here."""
    monkeypatch.setattr(ensembles, "RULES", ("soft", "best"))


def network(name, scale=1 / 25):
    images = keras.Input((16, 16, 3))
    pooled = keras.layers.GlobalAveragePooling2D()(keras.layers.Rescaling(scale)(images))
    return keras.Model(images, pooled, name=name)


def test_a_fit_with_a_store_leaves_an_ensemble_that_opens(blobs, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ensemble = Ensemble([network("one")], store="run", seed=7).fit(blobs)
    loaded = Ensemble.load("run")
    assert loaded.state_.seed == 7
    np.testing.assert_array_equal(loaded.logits(blobs), ensemble.logits(blobs))
    assert loaded.leaderboard(blobs).where == ensemble.leaderboard(blobs).where
    ensemble.method = "best"
    assert ensemble.save() == tmp_path / "run"
    assert Ensemble.load("run").method == "best"
    assert Ensemble.load(loaded.save(tmp_path / "copy")).method == "auto"
    assert loaded.save() == tmp_path / "run"


def test_without_a_store_save_needs_a_path(blobs):
    with pytest.raises(ValueError, match=r"path.*store.*save\(path\)"):
        Ensemble([network("one")]).fit(blobs).save()


def test_ensembles_that_share_a_store_both_stay(blobs, tmp_path, caplog):
    first = Ensemble([network("one")], store=tmp_path).fit(blobs)
    before = tmp_path / read_json(tmp_path / "ensemble.json")["folder"]
    with caplog.at_level("INFO", logger="zoo"):
        second = Ensemble([network("two", 1 / 50)], store=tmp_path).fit(blobs)
    assert f"that of one stays in {before}" in caplog.text
    np.testing.assert_array_equal(Ensemble.load(tmp_path).logits(blobs), second.logits(blobs))
    np.testing.assert_array_equal(Ensemble.load(before).logits(blobs), first.logits(blobs))
    Ensemble([network("one")], store=tmp_path).fit(blobs)
    assert len(list((tmp_path / "ensembles").iterdir())) == 2  # the same ensemble again is no third one
    moved = tmp_path.rename(tmp_path.with_name("moved"))
    assert Ensemble.load(moved / "ensembles" / before.name).class_names_ == ("red", "green", "blue")


@pytest.mark.parametrize("cut", ["write_json", "Provenance.write", "HeldOutPredictions.write"])
def test_a_killed_save_leaves_the_ensemble_before(cut, blobs, tmp_path, monkeypatch):
    first = Ensemble([network("one")], store=tmp_path).fit(blobs)
    second = Ensemble([network("two", 1 / 50)]).fit(blobs)

    def killed(*_, **__):
        raise KeyboardInterrupt

    owners = {
        "Provenance.write": "zoo.state.provenance.",
        "HeldOutPredictions.write": "zoo.state.held_out_predictions.",
    }
    monkeypatch.setattr(owners.get(cut, "zoo.state.persistence.") + cut, killed)
    with pytest.raises(KeyboardInterrupt):
        second.save(tmp_path)
    monkeypatch.undo()
    np.testing.assert_array_equal(Ensemble.load(tmp_path).logits(blobs), first.logits(blobs))
    second.save(tmp_path)
    np.testing.assert_array_equal(Ensemble.load(tmp_path).logits(blobs), second.logits(blobs))


def test_a_fit_that_cannot_be_kept_says_so_and_answers(blobs, tmp_path, monkeypatch, caplog):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(persistence, "save", full)
    ensemble = Ensemble([network("one")], store=tmp_path).fit(blobs)
    assert "not kept" in caplog.text
    assert ensemble.predict(blobs).shape == (96,)
