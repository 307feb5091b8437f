"""Files by what people write for them."""

import logging
import unicodedata

import pytest

from zoo.data.tables.path_ends import PathEnds

ENDS = PathEnds(["a/x.jpg", "a/deep/y.PNG", "b/x.jpg", "z.1.jpg", "w.jpg"])


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("a/x.jpg", [0]),
        ("x.jpg", [0, 2]),
        ("a\\x.JPG", [0]),
        ("y.png", [1]),
        ("deep/y.Png", [1]),
        ("y", [1]),
        ("Y.png", []),
        ("z.1", [3]),
        ("z", []),
        ("c/x.jpg", []),
    ],
)
def test_names_are_ends_of_paths_with_suffixes_in_any_case(name, rows):
    assert ENDS.find(name) == rows


@pytest.mark.parametrize(
    ("names", "rows"),
    [
        (["test/w.jpg", "test/a/x.JPG", "test/z.1"], [4, 0, 3]),
        (["test\\w.jpg"], [4]),
        (["/kaggle/input/w.jpg", "/kaggle/input/z.1.jpg"], [4, 3]),
        (["/kaggle/input/deep/y.png"], [1]),
        (["C:\\data\\w.jpg"], [4]),
        (["/kaggle/x.jpg"], []),
        (["test/y.png"], []),
        (["train/w.jpg", "test/z.1.jpg"], []),
    ],
)
def test_the_same_folders_may_be_in_front_of_whole_paths(names, rows, caplog):
    with caplog.at_level(logging.WARNING, "zoo"):
        assert list(ENDS.find_behind_folders(names, "t.csv").values()) == rows
    assert ("t.csv" in caplog.text) == bool(rows)


def test_the_nearest_name_is_asked_for():
    assert "a/deep/y_01.png?" in PathEnds(["a/deep/y_01.png", "other.jpg"]).nearest("test/y_02.png")
    assert PathEnds(["other.jpg"]).nearest("12345") == ""


def test_names_are_found_in_either_unicode_form():
    composed, apart = (unicodedata.normalize(form, "é_1.png") for form in ("NFC", "NFD"))
    for listed, name in ((composed, apart), (apart, composed)):
        assert PathEnds([f"a/{listed}"]).find(name) == PathEnds([f"a/{listed}"]).find(name.removesuffix(".png")) == [0]
