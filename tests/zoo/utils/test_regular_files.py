"""zoo/utils/regular_files.py."""

import os

import pytest

from zoo.utils.files import read_json
from zoo.utils.regular_files import check_regular, reserve


def test_a_file_has_an_end(tmp_path):
    (tmp_path / "file").write_text("{}")
    (tmp_path / "link").symlink_to(tmp_path / "file")
    check_regular(tmp_path / "file")
    check_regular(tmp_path / "link")
    with pytest.raises(OSError, match="folder"):
        check_regular(tmp_path)
    with pytest.raises(FileNotFoundError):
        check_regular(tmp_path / "nothing")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no devices and pipes here")
def test_devices_and_pipes_are_not_read(tmp_path):
    (tmp_path / "zero.json").symlink_to("/dev/zero")
    os.mkfifo(tmp_path / "pipe.json")
    for name in ("zero.json", "pipe.json"):
        with pytest.raises(OSError, match="pipe"):
            read_json(tmp_path / name)


def test_disk_is_taken_before_a_map_is_written(tmp_path, monkeypatch):
    with (tmp_path / "file").open("wb") as file:
        file.truncate(100_000)
    assert (tmp_path / "file").stat().st_blocks * 512 < 100_000
    reserve(tmp_path / "file")
    assert (tmp_path / "file").stat().st_blocks * 512 >= 100_000

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full)
    with pytest.raises(OSError, match="No space"):
        reserve(tmp_path / "file")
