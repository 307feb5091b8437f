"""Files are whole or absent; scratch folders go with the process."""

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from zoo.utils.files import (
    check_replaceable,
    folder_or_scratch,
    read_json,
    replacing,
    sweep,
    write_array,
    write_json,
)
from zoo.utils.named_paths import destination


class BrokenOffError(Exception):
    """What goes wrong in a block."""


def _names(folder):
    return sorted(path.name for path in folder.iterdir())


def _write_folder(folder, text):
    folder.mkdir()
    (folder / "inside").write_text(text)


def test_a_file_takes_its_place(tmp_path):
    path = tmp_path / "made" / "on the way" / "note"
    for text in ("first", "second"):
        with replacing(path) as beside:
            beside.write_text(text)
        assert path.read_text() == text
    assert _names(path.parent) == ["note"]


def test_a_folder_takes_a_folders_place(tmp_path):
    path = tmp_path / "model"
    path.mkdir()
    for text in ("first", "second"):
        with replacing(path, "inside") as beside:
            _write_folder(beside, text)
        assert (path / "inside").read_text() == text
    assert _names(tmp_path) == ["model"]


class KilledError(BaseException):
    """A kill, which nothing catches."""


@pytest.mark.parametrize("error", [KilledError, PermissionError])
def test_what_ends_between_two_renames_loses_no_folder(error, tmp_path, monkeypatch):
    path, rename = tmp_path / "model", Path.replace

    def write(text):
        with replacing(path, "inside") as beside:
            _write_folder(beside, text)

    def fail(self, target):
        if target == path and not self.name.startswith(".~"):
            raise error
        return rename(self, target)

    write("old")
    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", fail)
        with pytest.raises(error):
            write("new")
    assert path.exists() == (error is PermissionError)
    sweep(path)
    assert _names(tmp_path) == ["model"]
    assert (path / "inside").read_text() == "old"


def test_what_was_never_whole_is_not_brought_back(tmp_path):
    (tmp_path / ".0123abcd.model").mkdir()
    sweep(tmp_path / "model")
    assert _names(tmp_path) == []


def test_the_old_file_stays_until_the_block_ends(tmp_path):
    path = tmp_path / "note"
    path.write_text("old")
    with replacing(path) as beside:
        beside.write_text("new")
        assert path.read_text() == "old"


@pytest.mark.parametrize(("write", "mark"), [(Path.write_text, None), (_write_folder, "inside")])
@pytest.mark.parametrize("error", [BrokenOffError, KeyboardInterrupt])
def test_an_exception_leaves_the_old_and_no_litter(tmp_path, write, mark, error):
    path = tmp_path / "kept"
    write(path, "old")

    def fail():
        with replacing(path, mark) as beside:
            write(beside, "half")
            raise error

    with pytest.raises(error):
        fail()
    assert _names(tmp_path) == ["kept"]
    assert (path if path.is_file() else path / "inside").read_text() == "old"


@pytest.mark.parametrize(("write", "mark"), [(Path.write_text, None), (_write_folder, "inside")])
def test_a_block_that_writes_nothing_is_an_error_and_the_old_stays(tmp_path, write, mark):
    path = tmp_path / "kept"
    write(path, "old")
    message = "kept"
    with pytest.raises(FileNotFoundError, match=message), replacing(path, mark):
        pass
    assert _names(tmp_path) == ["kept"]
    assert (path if path.is_file() else path / "inside").read_text() == "old"


def test_of_a_users_link_what_it_points_to_is_replaced_and_of_any_other_the_link(tmp_path):
    (tmp_path / "disk").mkdir()
    for name, mark in (("file", None), ("folder", "inside")):
        link, target = tmp_path / name, tmp_path / "disk" / name
        link.symlink_to(target)
        for text in ("first", "second"):
            with replacing(destination(link), mark) as beside:
                beside.write_text(text) if mark is None else _write_folder(beside, text)
        assert link.is_symlink()
        assert (target if mark is None else target / "inside").read_text() == "second"
    assert _names(tmp_path / "disk") == ["file", "folder"]
    write_json(tmp_path / "file", {})
    assert not (tmp_path / "file").is_symlink()
    assert (tmp_path / "disk" / "file").read_text() == "second"


@pytest.mark.parametrize("mark", [None, "inside"])
def test_a_pipe_or_a_device_is_not_replaced(tmp_path, mark, refused):
    os.mkfifo(tmp_path / "pipe")
    with refused("pipe", error=FileExistsError), replacing(tmp_path / "pipe", mark):
        pytest.fail("the block must not run")


def test_a_file_is_no_place_for_a_folder_nor_is_the_working_folder(tmp_path, monkeypatch, refused):
    (tmp_path / "note").touch()
    with refused("note", "a file", error=FileExistsError), replacing(tmp_path / "note", "inside"):
        pytest.fail("the block must not run")
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    with refused("working folder", error=FileExistsError), replacing(Path(), "inside"):
        pytest.fail("the block must not run")


def test_json_comes_back(tmp_path):
    value = {"names": ["Blut", "血"], "share": 0.25, "none": None}
    write_json(tmp_path / "value.json", value)
    assert read_json(tmp_path / "value.json") == value


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe\x00"])
def test_a_broken_json_file_is_named_with_the_remedy(tmp_path, content):
    path = tmp_path / "value.json"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"JSON.*value\.json.*Remove"):
        read_json(path)


def test_arrays_come_back(tmp_path):
    array = np.arange(6, dtype=np.float32).reshape(2, 3)
    write_array(tmp_path / "array.npy", array)
    np.testing.assert_array_equal(np.load(tmp_path / "array.npy"), array)


def test_an_array_of_objects_is_not_written(tmp_path):
    with pytest.raises(ValueError, match="Object arrays"):
        write_array(tmp_path / "array.npy", np.array([{}], dtype=object))
    assert _names(tmp_path) == []


def test_a_named_folder_is_made(tmp_path):
    assert folder_or_scratch(tmp_path / "a" / "b") == tmp_path / "a" / "b"
    assert (tmp_path / "a" / "b").is_dir()


def test_every_scratch_folder_is_a_fresh_one():
    first, second = folder_or_scratch(None), folder_or_scratch(None)
    assert first != second
    assert first.is_dir()
    assert not list(first.iterdir())


def test_scratch_folders_go_with_the_process():
    code = "from zoo.utils.files import folder_or_scratch as f; p = f(None); (p / 'file').touch(); print(p)"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not Path(answer.stdout.strip()).exists()


def test_a_folder_of_other_things_is_never_replaced(tmp_path):
    (tmp_path / "run").mkdir()
    precious = tmp_path / "run" / "precious"
    precious.write_text("kept")
    for mark in (None, "saved_model.pb"):
        with pytest.raises(FileExistsError, match="run"), replacing(tmp_path / "run", mark):
            pytest.fail("the block must not run")
    assert precious.read_text() == "kept"


@pytest.mark.parametrize("stranger", ["important.txt", "catA/1.png", "variables/notes", ".hidden", "empty"])
def test_a_folder_with_a_stranger_in_it_is_never_replaced(tmp_path, stranger):
    path = tmp_path / "model"
    _write_folder(path, "old")
    (path / stranger).parent.mkdir(exist_ok=True)
    (path / stranger).mkdir() if stranger == "empty" else (path / stranger).write_text("kept")

    def replace():
        with replacing(path, "inside") as beside:
            _write_folder(beside, "new")
            (beside / "variables").mkdir()

    with pytest.raises(FileExistsError, match=re.escape(stranger)):
        replace()
    assert (path / stranger).exists()
    assert (path / "inside").read_text() == "old"
    assert _names(tmp_path) == ["model"]


def test_what_may_go_goes_and_so_does_what_file_browsers_leave(tmp_path):
    path = tmp_path / "model"
    _write_folder(path, "old")
    (path / "derived" / "deep").mkdir(parents=True)
    for name in ("derived/deep/1.npy", ".DS_Store", "sheet.png"):
        (path / name).touch()
    with replacing(path, "inside", also=("derived", "sheet.png")) as beside:
        _write_folder(beside, "new")
    assert _names(path) == ["inside"]


def test_what_could_not_be_replaced_is_told_beforehand(tmp_path):
    path = tmp_path / "model"
    check_replaceable(path, "inside", ("inside",))
    _write_folder(path, "old")
    check_replaceable(path, "inside", ("inside",))
    for number in range(7):
        (path / f"{number}.txt").touch()
    with pytest.raises(FileExistsError, match=r"0\.txt.*4\.txt.*2 more"):
        check_replaceable(path, "inside", ("inside",))


@pytest.mark.parametrize("below", ["file", "file/folder", "file/a/b"])
def test_a_folder_that_cannot_be_made_is_told_in_words(below, tmp_path, refused):
    (tmp_path / "file").touch()
    with refused("folder", "file", "another", error=OSError):
        folder_or_scratch(tmp_path / below)
    with refused("folder", "file", "another", error=OSError), replacing(tmp_path / below / "x"):
        pass
