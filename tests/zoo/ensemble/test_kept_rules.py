"""An unchanged fit fits no rule again, and the default rule says what it chose."""

import logging
import shutil

import numpy as np
import pytest

import ensembles
from ensembles import remembered
from zoo import Ensemble, Recipe
from zoo.state.kept_fits import FOLDER

pytestmark = [pytest.mark.fits, pytest.mark.usefixtures("eagerly")]

QUICK = Recipe(head_epochs=1, epochs=0, validate="clean", augment="none")


@pytest.fixture(autouse=True)
def fewer_rules(monkeypatch):
    """Those that learn in no time; `auto`, the default, is fitted beside them."""
    monkeypatch.setattr(ensembles, "RULES", ("soft", "greedy"))
    monkeypatch.setattr(ensembles.rules.auto.Auto, "rules", ("greedy",))


@pytest.fixture
def fits(monkeypatch):
    """The names of rules that were fitted."""
    done, fit_rule = [], remembered.fit_rule
    monkeypatch.setattr(remembered, "fit_rule", lambda rule, *rows: done.append(rule.name) or fit_rule(rule, *rows))
    return done


@pytest.fixture(scope="module")
def members(flat, conv, blobs, tmp_path_factory):
    """A store with trained members alone."""
    store = tmp_path_factory.mktemp("members")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ensembles, "RULES", ("soft",))
        Ensemble([flat, conv], recipe=QUICK, store=store, method="soft").fit(blobs)
    shutil.rmtree(store / FOLDER)
    return store


@pytest.fixture
def fit(flat, conv, blobs, members, tmp_path):
    shutil.copytree(members, tmp_path, dirs_exist_ok=True)
    return lambda **options: Ensemble([flat, conv], recipe=QUICK, store=tmp_path, **options).fit(blobs)


def test_an_unchanged_fit_and_its_diversity_fit_no_rule(fit, fits, tmp_path):
    first = fit()
    table = first.diversity()
    assert fits
    fits.clear()
    again = fit()
    assert list(again.diversity()) == list(table)
    assert list(Ensemble.load(tmp_path).diversity()) == list(table)
    assert fits == []
    assert list(again.leaderboard()) == list(first.leaderboard())
    for name, rule in first.rules_.items():
        assert ensembles.to_dict(again.rules_[name]) == ensembles.to_dict(rule)


def test_what_changed_is_fitted_again(fit, fits):
    fit()
    fits.clear()
    fit(calibration="vector")
    assert "calibrated" in fits


@pytest.mark.slow
def test_damaged_and_missing_files_are_made_again(fit, fits, tmp_path, caplog):
    first = fit()
    files = sorted((tmp_path / FOLDER).iterdir())
    for number, file in enumerate(files):
        file.write_bytes(file.read_bytes()[:-9] if number % 2 else b"")
    with caplog.at_level(logging.WARNING):
        again = fit()
    assert "made again" in caplog.text
    shutil.rmtree(tmp_path / FOLDER)
    third = fit()
    for other in (again, third):
        assert list(other.leaderboard()) == list(first.leaderboard())
    assert sorted((tmp_path / FOLDER).iterdir()) == files


def test_auto_is_the_default_and_says_in_a_line_what_it_chose(fit, caplog):
    with caplog.at_level(logging.INFO):
        ensemble = fit()
    assert ensemble.method == ensemble.method_ == "auto"
    (line,) = [record.getMessage() for record in caplog.records if "equal weights" in record.getMessage()]
    assert line.startswith("auto ")
    caplog.clear()
    with caplog.at_level(logging.INFO):
        fit(method="soft")
    assert not [record for record in caplog.records if record.getMessage().startswith("auto ")]


def test_a_saved_run_keeps_its_own_method(fit, tmp_path):
    ensemble = fit(method="soft")
    images = np.zeros((2, 16, 16, 3), np.uint8)
    loaded = Ensemble.load(tmp_path)
    assert loaded.method == "soft"
    np.testing.assert_array_equal(loaded.logits(images), ensemble.logits(images))
