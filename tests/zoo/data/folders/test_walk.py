"""Folders with links, hidden files and what is no file: every path once."""

import os

import pytest

from zoo.data.folders.walk import Walk
from zoo.data.inventory import Reason

pytestmark = pytest.mark.skipif(os.name == "nt", reason="links need rights there")


@pytest.fixture
def root(tmp_path):
    """A folder with two files, beside one with another."""
    for name in ("root/a/1", "root/b/2", "other/3"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    return tmp_path / "root"


def _left_out(walk):
    return {reason: sorted(paths) for reason, paths in walk.left_out.items() if paths}


def test_links_are_followed(root):
    (root / "a" / "file").symlink_to(root.parent / "other" / "3")
    (root / "a" / "folder").symlink_to("../../other", target_is_directory=True)
    (root / "class").symlink_to(root.parent / "other")
    walk = Walk(root)
    assert sorted(walk.files) == ["a/1", "a/file", "a/folder/3", "b/2", "class/3"]
    assert set(walk.targets.values()) == {str((root.parent / "other" / "3").resolve())}
    assert sorted(walk.folders[""]) == ["a", "b", "class"]
    assert not _left_out(walk)


@pytest.mark.parametrize("target", [".", "..", "../..", "../../.."])
def test_a_link_back_ends(root, target):
    (root / "a" / "back").symlink_to(target)
    walk = Walk(root)
    assert sorted(walk.files) == ["a/1", "b/2"]
    assert _left_out(walk) == {Reason.REPEATED: ["a/back"]}


def test_folders_that_lead_to_each_other_end(root):
    (root / "a" / "to_b").symlink_to("../b")
    (root / "b" / "to_a").symlink_to("../a")
    walk = Walk(root)
    assert sorted(walk.files) == ["a/1", "a/to_b/2", "b/2", "b/to_a/1"]
    assert _left_out(walk) == {Reason.REPEATED: ["a/to_b/to_a", "b/to_a/to_b"]}


def test_a_folder_is_entered_once_from_each_folder_at_the_top(root):
    for name in ("a/x", "a/deep", "b/x"):
        (root / name).symlink_to(root.parent / "other")
    walk = Walk(root)
    assert sorted(walk.files) == ["a/1", "a/deep/3", "b/2", "b/x/3"]
    assert _left_out(walk) == {Reason.REPEATED: ["a/x"]}


def test_what_leads_to_nothing_is_named(root):
    (root / "a" / "gone").symlink_to("nowhere")
    (root / "a" / "round").symlink_to("round")
    os.mkfifo(root / "b" / "pipe")
    (root / "b" / "to_pipe").symlink_to("pipe")
    assert _left_out(Walk(root)) == {
        Reason.BROKEN_LINK: ["a/gone", "a/round"],
        Reason.SPECIAL: ["b/pipe", "b/to_pipe"],
    }


def test_a_store_that_is_hidden_is_read_through_links(root):
    (root / ".git" / "annex").mkdir(parents=True)
    (root / ".git" / "annex" / "key").touch()
    (root / "a" / "2").symlink_to("../.git/annex/key")
    (root / "b" / "annex").symlink_to("../.git/annex")
    walk = Walk(root)
    assert sorted(walk.files) == ["a/1", "a/2", "b/2", "b/annex/key"]
    assert _left_out(walk) == {Reason.HIDDEN: [".git/annex/key"]}


def test_hidden_files_and_litter_are_counted_and_double_underscores_are_names(root):
    for name in (".x/deep/1", "__MACOSX/2", "a/__pycache__/3", "__background__/4", "a/@eaDir/5"):
        (root / name).parent.mkdir(parents=True)
        (root / name).touch()
    for name in ("a/Thumbs.db", "b/.DS_Store", "b/._2"):
        (root / name).touch()
    (root / ".x" / "link").symlink_to("..")
    walk = Walk(root)
    assert sorted(walk.files) == ["__background__/4", "a/1", "b/2"]
    hidden = [".x/deep/1", ".x/link", "__MACOSX/2", "a/@eaDir/5", "a/Thumbs.db", "a/__pycache__/3", "b/._2"]
    assert _left_out(walk) == {Reason.HIDDEN: sorted([*hidden, "b/.DS_Store"])}


def test_a_root_that_is_hidden_or_a_link_is_read(root):
    root.rename(root.with_name(".root"))
    root.symlink_to(".root")
    assert sorted(Walk(root).files) == sorted(Walk(root.with_name(".root")).files) == ["a/1", "b/2"]


def test_a_root_that_is_no_folder_raises(root):
    with pytest.raises(OSError, match="none"):
        Walk(root / "none")


@pytest.mark.skipif(getattr(os, "geteuid", lambda: 1)() == 0, reason="root opens everything")
def test_a_folder_that_cannot_be_opened_is_named(root):
    (root / "a").chmod(0)
    try:
        assert _left_out(Walk(root)) == {Reason.CLOSED: ["a"]}
    finally:
        (root / "a").chmod(0o700)
