"""zoo/utils/hashing.py: what counts as a change of a folder."""

import hashlib

import pytest

from zoo.utils.hashing import check_unchanged, folder_hashes


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "inside").mkdir()
    (tmp_path / "inside" / "one.bin").write_bytes(b"one")
    (tmp_path / "two.bin").write_bytes(b"two")
    (tmp_path / "record.json").write_text("{}")
    (tmp_path / ".DS_Store").write_bytes(b"left by a file browser")
    return tmp_path


def test_every_file_counts_but_the_record_and_what_browsers_leave(folder):
    expected = {"inside/one.bin": b"one", "two.bin": b"two"}
    found = folder_hashes(folder, leave_out="record.json")
    assert found == {name: hashlib.sha256(content).hexdigest() for name, content in expected.items()}


@pytest.mark.parametrize("change", ["changed", "added", "removed"])
def test_a_file_that_was_changed_added_or_removed_is_named(folder, change, refused):
    written = folder_hashes(folder, leave_out="record.json")
    check_unchanged(folder, written, folder_hashes(folder, leave_out="record.json"), "Copy it.")
    name = "three.bin" if change == "added" else "two.bin"
    (folder / name).unlink() if change == "removed" else (folder / name).write_bytes(b"2")
    with refused(name, "is not", "Copy it."):
        check_unchanged(folder, written, folder_hashes(folder, leave_out="record.json"), "Copy it.")
