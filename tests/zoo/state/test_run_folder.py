"""zoo/state/run_folder.py: what lies in a run, and what can go without harm."""

import shutil

import numpy as np
import pytest
from filelock import FileLock

from zoo import Ensemble
from zoo.state.run_folder import as_size, parts_of, remove, spare_parts
from zoo.utils.regular_files import size_of


@pytest.fixture
def run(trained, tmp_path):
    """A copy of a run, with a member of no ensemble, features and a training that did not end."""
    folder = shutil.copytree(trained.store, tmp_path / "run")
    for name in ("members/abandoned-1", "shared", "progress/killed-2", "decoded", "locks"):
        (folder / name).mkdir(parents=True, exist_ok=True)
        (folder / name / "file").write_bytes(b"x" * 1000)
    return folder


def test_parts_are_all_of_a_run(run):
    assert sum(part.size for part in parts_of(run)) == size_of(run)
    assert {part.path.name for part in parts_of(run)} >= {"members", "ensembles", "decoded", "run"}


def test_what_was_made_of_a_run_is_listed_by_itself(run):
    for name in ("export/manifest.json", "page.html", "submission.zip"):
        (run / name).parent.mkdir(exist_ok=True)
        (run / name).write_bytes(b"x" * 10)
    told = {part.path.name: part.what for part in parts_of(run)}
    assert (told["export"], told["page.html"], told["submission.zip"]) == ("an export", "a report", "a submission")
    assert sum(part.size for part in parts_of(run)) == size_of(run)


def test_what_no_ensemble_needs_goes_and_the_run_answers_as_before(run, colours):
    before = Ensemble.load(run).predict_proba(colours.validation.pixels)
    found = spare_parts(run)
    assert {part.path.name for part in found} == {"abandoned-1", "shared", "progress", "locks"}
    remove(run, found)
    assert not (run / "members" / "abandoned-1").exists()
    assert (run / "decoded").is_dir()
    np.testing.assert_array_equal(Ensemble.load(run).predict_proba(colours.validation.pixels), before)
    assert spare_parts(run) == []


def test_locks_go_last(run):
    (run / "members" / "unused-key").mkdir()
    assert [part.path.name for part in spare_parts(run)][-1] == "locks"


def test_decoded_images_go_where_that_is_asked_for(run):
    assert "decoded" in {part.path.name for part in spare_parts(run, decoded=True)}


def test_a_run_that_is_being_trained_keeps_all(run):
    with FileLock(run / "locks" / "killed-2.lock"), pytest.raises(RuntimeError, match="killed-2"):
        remove(run, spare_parts(run))
    assert (run / "shared").is_dir()


def test_an_unfinished_run_keeps_all(tmp_path):
    (tmp_path / "progress").mkdir()
    with pytest.raises(FileNotFoundError, match="complete"):
        spare_parts(tmp_path)


@pytest.mark.parametrize(("size", "words"), [(12, "12 B"), (1500, "1.5 kB"), (2_340_000, "2.3 MB"), (5e9, "5.0 GB")])
def test_sizes_in_words(size, words):
    assert as_size(size) == words
