"""Every file under a folder is read, or counted and named with its reason: in training and in predicting."""

import os
import re
import unicodedata

import numpy as np
import pytest

from zoo.data import load
from zoo.data.inventory import Reason
from zoo.data.loading import list_images

NFC, NFD = (unicodedata.normalize(form, "Café") for form in ("NFC", "NFD"))


@pytest.fixture
def mixed(planted):
    """A folder with one file or more for every reason that a folder alone gives."""
    root = planted("cat/1.png", "cat/2.JPG", "cat/3.jpe", "cat/noext", "dog/1.png", "__background__/1.png")
    planted("cat/4.bak", "cat/5.heic", "dog/.6.png", ".cache/7.png", "8.png")
    (root / "notes.md").touch()
    (root / "cat" / "notes.txt").touch()
    (root / "dog" / "again.png").symlink_to("1.png")
    (root / "dog" / "gone.png").symlink_to("nowhere")
    return root


def test_training_reads_or_names_every_file(mixed, caplog):
    splits = load(mixed)
    assert dict(zip(splits.classes, splits.train.counts.tolist(), strict=True)) == {
        "__background__": 1,
        "cat": 4,
        "dog": 1,
    }
    assert len(splits.inventory.read) == len(splits.train) == 6
    assert splits.inventory.counts == {
        Reason.HIDDEN: 2,
        Reason.NO_IMAGE: 1,
        Reason.NOTES: 1,
        Reason.MISNAMED: 1,
        Reason.HEIC: 1,
        Reason.REPEATED: 1,
        Reason.BROKEN_LINK: 1,
        Reason.LOOSE: 1,
    }
    assert len(splits.inventory) == 15
    for named in ("4.bak", "5.heic.*pillow-heif", "8.png", "cat.*notes.txt", "again.png", "gone.png"):
        assert re.search(named, caplog.text)
    assert not re.search(r"cache|\.6\.png|notes\.md", caplog.text)


def test_predicting_reads_or_names_every_file(mixed, caplog):
    files = list_images(mixed)
    assert len(files) == len(files.inventory.read) == 7
    assert len(files.inventory) == 15
    for named in ("4.bak", "5.heic.*pillow-heif", "notes.md", "again.png", "gone.png"):
        assert re.search(named, caplog.text)
    assert ".cache" not in caplog.text


def test_a_total_is_logged_once(mixed, caplog):
    caplog.set_level("INFO", "zoo.data")
    load(mixed)
    assert len(re.findall("6 files read, 9 left out", caplog.text)) == 1


def test_splits_of_links_into_one_folder_of_images_are_read(planted):
    """The layout of who divides images without copying them; one that is linked twice stays in the test alone."""
    root = planted(*(f"images/{number}.png" for number in range(6)))
    for number, name in enumerate(("train/a", "train/a", "train/b", "train/b", "test/a", "test/b")):
        (root / name).mkdir(parents=True, exist_ok=True)
        (root / name / f"{number}.png").symlink_to(f"../../images/{number}.png")
    (root / "train" / "a" / "leak.png").symlink_to("../../images/4.png")
    splits = load(root)
    assert splits.train.labels.tolist() == [0, 0, 1, 1]
    assert splits.test.labels.tolist() == [0, 1]
    assert splits.inventory.counts == {Reason.REPEATED: 1, Reason.BESIDE: 6}


def test_classes_of_links_into_a_store_outside_are_read(planted):
    store = planted("0a", "0b", folder="store")
    root = planted("a/1.png", "b/1.png")
    (root / "a" / "2.png").symlink_to(store / "0a")
    (root / "c").symlink_to(store)
    splits = load(root)
    assert splits.classes == ("a", "b", "c")
    assert splits.train.counts.tolist() == [2, 1, 1]
    assert splits.inventory.left_out[Reason.REPEATED] == ("c/0a",)


@pytest.mark.skipif(os.name == "nt", reason="names are composed there")
def test_unicode_forms_of_a_name_are_one_class_and_no_image_is_lost(planted):
    root = planted(f"train/{NFC}/1.png", f"train/{NFD}/1.png", f"train/{NFD}/{NFD}.png", "train/dog/1.png")
    if len(list((root / "train").iterdir())) == 2:
        pytest.skip("the file system makes them one by itself")
    planted(f"val/{NFD}/1.png", "val/dog/1.png")
    for classes, expected in ((None, (NFC, "dog")), ((NFD, "dog"), (NFD, "dog"))):
        splits = load(root, classes=classes)
        assert splits.classes == expected
        assert splits.train.labels.tolist() == [0, 0, 0, 1]
        assert splits.validation.labels.tolist() == [0, 1]
        assert all((root / origin).is_file() for origin in splits.train.origins)
    with pytest.raises(ValueError, match="once"):
        load(root, classes=[NFC, NFD, "dog"])


def test_labels_in_both_unicode_forms_are_one_class():
    pixels = np.random.default_rng(0).integers(0, 256, (3, 4, 4, 3), dtype=np.uint8)
    images = load(pixels, np.array([NFC, NFD, "dog"])).train
    assert (images.classes, images.labels.tolist()) == ((NFC, "dog"), [0, 0, 1])


@pytest.mark.parametrize("names", [("Cat", "cat"), ("cat", "cat "), ("ice cream", "Icecream"), ("Straße", "STRASSE")])
def test_names_that_differ_by_case_or_blanks_are_two_classes_and_it_is_said(planted, caplog, names):
    assert len(load(planted(*(f"{name}/1.png" for name in (*names, "dog")))).classes) == 3
    (record,) = caplog.records
    assert all(repr(name) in record.getMessage() for name in names)


def test_a_list_finds_names_in_the_other_unicode_form(planted, tmp_path):
    planted(f"{NFD}.png", "1.png")
    (tmp_path / "list.txt").write_text(f"\ufefftree/{NFC}.png\ntree/1.png\n", encoding="utf-8")
    files = list_images(tmp_path / "list.txt")
    assert all((tmp_path / path).is_file() for path in files.paths)


def test_one_image_is_listed_without_a_suffix_and_heic_is_refused_with_the_remedy(planted, refused):
    root = planted("noext", "1.JPE", "2.heic")
    assert [len(list_images(root / name)) for name in ("noext", "1.JPE")] == [1, 1]
    with refused("2.heic", "pillow-heif"):
        list_images(root / "2.heic")


def test_a_link_into_another_class_is_told(planted, caplog):
    root = planted("a/1.png", "a/2.png", "b/3.png")
    (root / "b" / "4.png").symlink_to(root / "a" / "2.png")
    assert load(root).train.counts.tolist() == [2, 1]
    assert "links bring 1 image into another class too, such as b/4.png" in caplog.text
