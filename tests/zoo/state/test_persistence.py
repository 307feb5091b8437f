"""Ensembles on disk: every fit with a store leaves one, and a kill leaves the one before."""

import keras
import numpy as np
import pytest

import ensembles
from ensembles.seals import sealed
from zoo import Ensemble, Recipe
from zoo.models.head import Head
from zoo.state import persistence
from zoo.state.ensemble_record import FORMAT, read_ensemble
from zoo.utils.files import read_json, write_json

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


def test_ensembles_that_saw_other_images_lie_apart(blobs, tmp_path):
    validation, one, other = (blobs.subset(np.arange(start, 96, 3)) for start in range(3))
    first = Ensemble([network("one")], store=tmp_path).fit(one, validation)
    second = Ensemble([network("one")], store=tmp_path).fit(other, validation)
    loaded = Ensemble.load(tmp_path)
    assert loaded.provenance_ == second.provenance_ != first.provenance_
    assert len(list((tmp_path / "ensembles").iterdir())) == 2


def test_what_an_ensemble_was_made_with_is_kept_and_not_what_it_is_set_to_later(blobs, tmp_path):
    recipe = Recipe(head_epochs=2, augment="none", batch_size=7)
    options = {"recipe": recipe, "head": Head(units=16), "seed": 3, "resize": (24, 32), "jobs": np.int64(2)}
    ensemble = Ensemble([network("one")], store=tmp_path, **options).fit(blobs)
    ensemble.folds, ensemble.seed = 5, 9
    ensemble.save()
    loaded = Ensemble.load(tmp_path)
    assert {name: getattr(loaded, name) for name in options} == options
    assert loaded.folds == loaded.provenance_.folds == 0


def test_options_that_this_version_does_not_know_are_told(blobs, tmp_path, caplog):
    Ensemble([network("one")], store=tmp_path, seed=3).fit(blobs)
    record = read_ensemble(tmp_path)
    record["options"]["newer"] = 1
    write_json(tmp_path / "ensemble.json", sealed(record, FORMAT))
    loaded = Ensemble.load(tmp_path)
    assert (loaded.seed, loaded.state_.seed) == (0, 3)
    assert "options of its fit are not known here" in caplog.text


def test_an_ensemble_that_was_opened_by_its_own_folder_is_saved_where_it_belongs(blobs, tmp_path):
    Ensemble([network("one")], store=tmp_path).fit(blobs)
    own = Ensemble.load(tmp_path / read_json(tmp_path / "ensemble.json")["folder"])
    own.method = "soft"
    assert own.save() == tmp_path
    assert Ensemble.load(tmp_path).method == "soft"
