from collections import namedtuple

import pytest

from zoo.utils.disk import check_room, free_disk

Usage = namedtuple("Usage", "total used free")


def test_free_disk_is_that_of_a_folder_that_is_not_there_yet(tmp_path):
    assert free_disk(tmp_path / "a" / "b") == pytest.approx(free_disk(tmp_path), rel=0.01)


def test_what_does_not_fit_is_refused_with_both_numbers_and_the_remedy(tmp_path, refused, monkeypatch):
    monkeypatch.setattr("zoo.utils.disk.shutil.disk_usage", lambda folder: Usage(9, 9, 2 * 10**9))
    check_room(tmp_path, 2 * 10**9, "pictures", "Buy one.")
    with refused("3.0 GB", "2.0 GB", "pictures", str(tmp_path), "Buy one."):
        check_room(tmp_path, 3 * 10**9, "pictures", "Buy one.")
