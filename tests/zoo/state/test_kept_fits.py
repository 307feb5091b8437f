"""zoo/state/kept_fits.py: fits in a store's files are read if they are whole, and made again if not."""

import json
import logging

import numpy as np
import pytest

import ensembles
from ensembles.remembered import fit_once
from zoo.members.store import Store
from zoo.state.kept_fits import FOLDER, KeptFits, fits_kept_in

KEY = "0123456789abcdef"
FIT = {"name": "soft", "numbers": [1.5, {"float": "inf"}, None], "rules": (1, 2)}


@pytest.fixture
def rows():
    """Logits of two members, and labels."""
    random, labels = np.random.default_rng(0), np.arange(40) % 2
    return (random.normal(size=(2, 40, 2)) + np.eye(2)[labels]).astype(np.float32), labels


def test_what_is_kept_is_found(tmp_path):
    kept = KeptFits(tmp_path / "rules")
    assert kept.find(KEY) is None
    kept.keep(KEY, FIT)
    assert kept.find(KEY) == FIT | {"rules": [1, 2]}
    assert KeptFits(tmp_path / "rules").find("another") is None


@pytest.mark.parametrize("text", ["", "{", "[]", "3", '{"fit": {}}', '{"hash": "x"}', "\udcff\x00"])
def test_a_damaged_file_is_a_warning_and_nothing_found(text, tmp_path, caplog):
    kept = KeptFits(tmp_path)
    kept.keep(KEY, FIT)
    (tmp_path / f"{KEY}.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    with caplog.at_level(logging.WARNING):
        assert kept.find(KEY) is None
    assert "made again" in caplog.text


def test_a_changed_number_or_another_fits_file_is_not_taken(tmp_path):
    kept = KeptFits(tmp_path)
    kept.keep(KEY, FIT)
    path = tmp_path / f"{KEY}.json"
    path.rename(tmp_path / "other.json")
    assert kept.find("other") is None
    (tmp_path / "other.json").rename(path)
    assert kept.find(KEY) is not None
    path.write_text(path.read_text().replace("1.5", "1.6"))
    assert kept.find(KEY) is None


def test_where_nothing_can_be_written_fits_are_made_all_the_same(tmp_path, rows):
    (tmp_path / FOLDER).write_text("a file where the folder would be")
    with fits_kept_in(Store(tmp_path)):
        fitted = fit_once(ensembles.make_rule("best"), *rows)
    assert fitted.shape_ == (2, 2)


def test_a_store_keeps_whole_fits_and_not_their_parts(tmp_path, rows):
    with fits_kept_in(Store(tmp_path)):
        fit_once(ensembles.calibrated(ensembles.make_rule("weighted")), *rows)
    assert len(list((tmp_path / FOLDER).iterdir())) == 1


def test_numbers_are_read_to_the_last_bit(tmp_path, rows):
    rule = ensembles.calibrated(ensembles.make_rule("stacked", strength=1.0))
    with fits_kept_in(Store(tmp_path)):
        fitted = fit_once(rule, *rows)
    again = ensembles.calibrated(ensembles.make_rule("stacked", strength=1.0))
    with fits_kept_in(Store(tmp_path)):
        read = fit_once(again, *rows)
    assert json.dumps(ensembles.to_dict(read)) == json.dumps(ensembles.to_dict(fitted))
