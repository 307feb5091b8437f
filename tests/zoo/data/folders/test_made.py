"""zoo/data/folders/made.py: runs and reports that lie among the images are no classes and no data."""

import logging

import numpy as np
import pytest
from PIL import Image

from zoo import load
from zoo.cleaning.report import SUMMARY, TABLE
from zoo.cli.evaluate import ANSWERS, BOARD
from zoo.data.folders.made import ALONE, BEGUN, BESIDE, RUN, is_made
from zoo.data.inventory import Reason
from zoo.data.loading import list_images
from zoo.export.formats import NAMES, format_of
from zoo.inference.map_files import MAPS_FILE, OVERLAYS, TABLE_FILE
from zoo.inference.resumable_parts import ANSWERS as OF_PARTS
from zoo.inference.resumable_parts import PLAN_FILE
from zoo.state.export_files import MANIFEST_FILE
from zoo.state.run_folder import ENSEMBLE_FILE, KINDS


def test_the_names_are_those_that_are_written():
    assert KINDS.keys() == RUN
    assert RUN | {"log.txt"} >= BEGUN
    exports = {frozenset({MANIFEST_FILE, format_of(name).file}) for name in NAMES}
    reports = {frozenset({TABLE, SUMMARY}), frozenset({MAPS_FILE, TABLE_FILE, OVERLAYS})}
    assert set(ALONE) == exports | reports | {frozenset({PLAN_FILE, OF_PARTS})}
    assert set(BESIDE) == {frozenset({ENSEMBLE_FILE, "members"}), frozenset({f"{BOARD}.csv", ANSWERS})}


@pytest.mark.parametrize(
    ("names", "made"),
    [
        ({"log.txt"}, True),
        ({"log.txt", "decoded", "locks"}, True),
        ({"locks", "members"}, True),
        ({"members"}, False),
        ({"log.txt", "notes.txt"}, False),
        ({"ensemble.json", "members", "notes.txt"}, True),
        ({"ensemble.json", "members", "1.JPG"}, False),
        ({"answers.csv", "leaderboard.csv"}, True),
        ({"answers.csv", "leaderboard.csv", "1.png"}, False),
        ({"findings.csv", "summary.md", "near.png"}, True),
        ({"maps.npy", "answers.csv", "overlays"}, True),
        ({"manifest.json"}, False),
        (set(), False),
    ],
)
def test_folders_are_told_by_what_they_hold(names, made):
    assert is_made(names) == made


@pytest.fixture
def among(planted):
    """Images in two classes, with what commands write beside and below them."""
    root = planted(*(f"{name}/{row}.png" for name in "ab" for row in range(3)))
    written = {
        "run": ("ensemble.json", "members/1/model.keras", "log.txt"),
        "begun": ("log.txt",),
        "a/maps": ("maps.npy", "answers.csv"),
        "report": ("findings.csv", "summary.md"),
        "model": ("manifest.json", "saved_model.pb"),
    }
    for folder, names in written.items():
        for name in names:
            (root / folder / name).parent.mkdir(parents=True, exist_ok=True)
            (root / folder / name).touch()
    for sheet in ("a/maps/overlays/00000-1.png", "report/near.png"):
        (root / sheet).parent.mkdir(exist_ok=True)
        Image.fromarray(np.zeros((8, 8, 3), np.uint8)).save(root / sheet)
    return root


def test_what_commands_wrote_among_images_is_neither_a_class_nor_an_image(among, caplog):
    with caplog.at_level(logging.INFO, "zoo"):
        splits = load(among)
    assert splits.train.classes == ("a", "b")
    assert len(splits.train) == 6
    left_out = set(splits.inventory.left_out[Reason.MADE])
    assert {"run/members/1/model.keras", "begun/log.txt", "a/maps/overlays/00000-1.png", "report/near.png"} <= left_out
    assert "runs, exports and reports" in caplog.text
    assert len(list_images(among)) == 6


def test_images_among_the_files_of_a_run_are_data(planted):
    root = planted("a/1.png", "a/2.png", "b/1.png", "b/2.png")
    (root / "a" / "members").mkdir()
    (root / "a" / "ensemble.json").touch()
    assert load(root).train.counts.tolist() == [2, 2]


def test_a_folder_of_many_images_is_looked_at_no_further(planted, monkeypatch):
    monkeypatch.setattr("zoo.data.folders.walk.LOOKED_AT", 2)
    root = planted(*(f"{name}/{row}.png" for name in "ab" for row in range(5)))
    assert len(load(root).train) == 10
