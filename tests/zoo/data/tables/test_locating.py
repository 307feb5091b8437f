"""Files by the names that tables have for them."""

import logging

import pytest

from zoo.data.tables.locating import Locator


@pytest.fixture
def root(tmp_path):
    for name in ("0001.jpg", "1.jpg", "part_1/a.png", "part_2/b.png", "x/twin.png", "y/twin.png", "v.1.png", "v.2.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    return tmp_path


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("0001", "0001.jpg"),
        ("1", "1.jpg"),
        ("1.jpg", "1.jpg"),
        ("a", "part_1/a.png"),
        ("b.png", "part_2/b.png"),
        ("x/twin", "x/twin.png"),
        ("x\\twin.png", "x/twin.png"),
        ("v.1", "v.1.png"),
        ("v", None),
        ("2", None),
        ("x/a", None),
        ("", None),
        ("x", None),
        ("0001.JPG", "0001.jpg"),
        ("part_1/A.png", None),
    ],
)
def test_files_are_found(root, name, file):
    assert Locator(root).find(name) == (None if file is None else root / file)


def test_absolute_paths_are_taken(root, tmp_path_factory):
    other = tmp_path_factory.mktemp("other") / "z.png"
    other.touch()
    assert Locator(root).find(str(other)) == other


def test_a_name_of_several_files_is_refused(root, refused):
    with refused("'twin'", "x/twin.png", "y/twin.png"):
        Locator(root).find("twin")


def test_images_that_are_not_named_are_counted(root, caplog):
    with caplog.at_level(logging.WARNING, "zoo"):
        Locator(root).say_unnamed([root / "part_1/a.png"], "t.csv", everywhere=False)
        assert not caplog.text
        Locator(root).say_unnamed([root / "part_1/a.png"], "t.csv", everywhere=True)
    assert "t.csv does not name 7 of 8 images" in caplog.text


def test_files_in_deeper_folders_are_said(root, caplog):
    with caplog.at_level(logging.INFO, "zoo"):
        assert Locator(root).find_all(["0001", "x/twin", "nothing"]) == [root / "0001.jpg", root / "x/twin.png", None]
        assert not caplog.text
        Locator(root).find_all(["a", "b", "1"])
    assert "2 of 3 files are found by their names in part_1, part_2" in caplog.text


def test_the_folder_itself_may_be_in_front_and_nearby_files_are_named(root):
    names = [f"{root.name}/0001.jpg", f"{root.name}/part_1/a.PNG"]
    assert Locator(root).find_all(names) == [root / "0001.jpg", root / "part_1/a.png"]
    assert Locator(root).find_all(["train/0001.jpg", "val/1.jpg"]) == [None, None]
    assert "mean part_1/a.png" in Locator(root).nearby(["part_2/aa.png"], [None])


def test_a_file_in_capitals_comes_before_one_of_the_name_in_a_deeper_folder(root):
    (root / "SCAN.JPG").touch()
    (root / "thumbs").mkdir()
    (root / "thumbs" / "SCAN.jpg").touch()
    assert Locator(root).find("SCAN.jpg") == root / "SCAN.JPG"
    assert Locator(root).find("thumbs/SCAN.JPG") == root / "thumbs" / "SCAN.jpg"
