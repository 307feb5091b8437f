"""zoo/state/ensemble_record.py and checking.py: a run whose files changed is refused, and prune leaves it alone."""

import json
import shutil

import numpy as np
import pytest

from ensembles.seals import sealed
from zoo import Ensemble
from zoo.state.ensemble_record import read_ensemble
from zoo.state.run_folder import remove, spare_parts

pytestmark = pytest.mark.fits


@pytest.fixture
def run(trained, tmp_path):
    return shutil.copytree(trained.store, tmp_path / "run")


def forge(run, **changes):
    """Change a record and seal it again, as somebody would on purpose."""
    file = run / "ensemble.json"
    record = {name: value for name, value in json.loads(file.read_text()).items() if name != "seal"}
    file.write_text(json.dumps(sealed(record | changes, record["format"])))


def own_folder(run):
    """The folder of the ensemble that the run opens; the store may have others, of other tests."""
    return run / read_ensemble(run)["folder"]


def refused(run, words):
    with pytest.raises(ValueError, match=rf"(?s)Expected.*{words}"):
        Ensemble.load(run)


def test_a_changed_character_is_refused(run):
    file = run / "ensemble.json"
    file.write_text(file.read_text().replace('"red"', '"rad"', 1))
    refused(run, "changed")


def test_prune_takes_nothing_of_a_run_whose_record_was_changed(run):
    for file in (run / "ensemble.json", *run.glob("ensembles/*/ensemble.json")):
        file.write_text(file.read_text().replace("simple_cnn-", "simple_cnm-"))
    with pytest.raises(ValueError, match="changed"):
        spare_parts(run)


def test_prune_leaves_what_links_lead_to(run, tmp_path):
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "file").write_text("x")
    (run / "members" / "abandoned-1").symlink_to(tmp_path / "precious")
    remove(run, spare_parts(run))
    assert (tmp_path / "precious" / "file").is_file()
    assert not (run / "members" / "abandoned-1").exists()


@pytest.mark.parametrize("name", ["evidence/logits.npy", "evidence/labels.npy", "seen_train.npy"])
def test_a_changed_array_is_refused(run, name):
    file = own_folder(run) / name
    array = np.load(file).copy()
    array.flat[0] += 1
    np.save(file, array)
    refused(run, name)


def test_an_array_that_was_added_is_refused(run):
    np.save(own_folder(run) / "evidence" / "groups.npy", np.zeros(24, np.int64))
    refused(run, "groups")


@pytest.mark.parametrize("key", ["../../elsewhere", "/etc", "", "a/b", ".."])
def test_names_lead_to_no_other_folder(run, key):
    for changes in ({"members": [{"key": key, "name": "one"}]}, {"folder": f"{key}/x"}, {"store": f"{key}/x"}):
        forge(run, **changes)
        with pytest.raises(ValueError, match="folders of a run"):
            read_ensemble(run)


@pytest.mark.parametrize(
    "changes",
    [
        {"method": "none_such"},
        {"uncertainty": "none_such"},
        {"image_size": [10**9, 10**9]},
        {"classes": ["a", "b"]},
        {"familiarity": -1.5},
        {"members": 3},
        {"leaderboard": {"entries": 3}},
        {"rules": {"soft": {"name": "soft"}}},
        {"labels": {"dtype": "<U900000000", "values": ["a", "b", "c"]}},
        {"gains": {"a": {"b": 1}}},
        {"pixels": {"depth": 3}},
    ],
)
def test_parts_that_do_not_belong_together_are_refused(run, changes):
    forge(run, **changes)
    refused(run, "")


def test_a_newer_run_says_to_upgrade(run):
    forge(run, format=99)
    refused(run, r"99.*Upgrade")


def test_a_run_whose_own_folder_was_damaged_is_saved_again(run, trained, tmp_path):
    copy = trained.save(tmp_path / "copy")
    (own_folder(copy) / "evidence" / "logits.npy").write_bytes(b"cut")
    assert Ensemble.load(trained.save(copy)).class_names_ == trained.class_names_
