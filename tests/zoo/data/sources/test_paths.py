"""Lists of paths with labels."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from zoo.data import load
from zoo.data.loading import list_images
from zoo.data.targets import Targets, as_sources

LABELS = ["a", "b", "10", "2"] * 2


@pytest.fixture
def paths(tmp_path):
    names = [tmp_path / f"{row}.png" for row in range(8)]
    for row, path in enumerate(names):
        Image.new("RGB", (5, 5), (row * 20, 0, 0)).save(path)
    return names


KINDS = {
    "paths": lambda paths: paths,
    "texts": lambda paths: list(map(str, paths)),
    "array": lambda paths: np.array(list(map(str, paths))),
    "objects": lambda paths: np.array(paths, object),
    "series": lambda paths: pd.Series(list(map(str, paths))),
}


@pytest.mark.parametrize("kind", KINDS)
def test_paths_are_read_as_two_or_as_a_pair(kind, paths):
    source = KINDS[kind](paths)
    for loaded in (load(source, LABELS), load((source, LABELS)), load((tuple(source), np.array(LABELS)[:, None]))):
        assert loaded.classes == ("2", "10", "a", "b")
        assert [loaded.classes[label] for label in loaded.train.labels] == LABELS
        assert (loaded.train.pixels[:, 0, 0, 0] // 20).tolist() == list(range(8))


def test_numbers_are_names_and_with_classes_ids(paths):
    assert load(paths, [1, 2, 10, 2] * 2).classes == ("1", "2", "10")
    assert load(paths, [1.0, 2.0] * 4).classes == ("1", "2")
    named = load(paths, [1, 2, 1, 2] * 2, classes=["1", "2", "10"], whole=False)
    assert named.train.labels.tolist() == [1, 2] * 4


def test_paths_may_be_relative_to_a_folder(paths, tmp_path):
    loaded = load([path.stem for path in paths], LABELS, images_dir=tmp_path)
    assert len(loaded.train) == 8


@pytest.mark.parametrize(
    ("labels", "words"),
    [(LABELS[:-1], ("8 paths", "(7,)")), (["a", None] * 4, ("4 have none", "row 1")), (np.eye(8), ("(8, 8)",))],
)
def test_labels_that_do_not_fit_are_refused(labels, words, paths, refused):
    with refused(*words):
        load(paths, labels)


def test_paths_without_labels_and_to_nothing_are_refused(paths, refused):
    with refused("load(paths, labels)", error=TypeError):
        load(paths)
    with refused("1 of 8", "absent.png"):
        load([*paths[:-1], Path("absent.png")], LABELS)


def test_paths_are_listed_to_predict(paths):
    assert list_images(list(map(str, paths))).names(np.arange(2)).tolist() == [str(paths[0]), str(paths[1])]


def test_a_fit_takes_paths_and_labels_as_arrays(paths):
    source, validation, labels = as_sources(paths, np.array([7, 3] * 4))
    assert validation is None
    assert labels.tolist() == [3, 7]
    assert source.train.labels.tolist() == [1, 0] * 4
    known = Targets(source.classes, labels).known
    assert load(paths[:2], [3, 3], classes=known, whole=False).train.labels.tolist() == [0, 0]


def test_a_frame_is_a_source_of_a_fit_and_no_array(paths):
    frame = pd.DataFrame({"file": list(map(str, paths)), "label": LABELS})
    source, validation, labels = as_sources(frame, None)
    assert source is frame
    assert validation is labels is None
