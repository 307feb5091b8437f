"""Folders of class folders, tidy ones and those that people have."""

import logging
import os
import re

import cv2
import numpy as np
import pytest
import tifffile
from PIL import Image

from zoo.data import UnreadableImagesError, load
from zoo.data.class_names import FittedClasses
from zoo.data.inventory import Reason


def _write(root, *names, size=(6, 8)):
    for number, name in enumerate(names):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((*size, 3), number, np.uint8)).save(path)
    return root


def test_class_folders_are_one_set(tmp_path):
    splits = load(_write(tmp_path, "cat/1.png", "cat/2.png", "dog/1.PNG"))
    assert [name for name, _ in splits.items()] == ["train"]
    assert splits.classes == ("cat", "dog")
    assert splits.train.labels.tolist() == [0, 0, 1]
    assert splits.train.origins.tolist() == ["cat/1.png", "cat/2.png", "dog/1.PNG"]
    assert splits.train.take(np.arange(3))[:, 0, 0, 0].tolist() == [0, 1, 2]


def test_numbers_are_ordered_as_numbers(tmp_path):
    splits = load(_write(tmp_path, "10/a10.png", "2/a10.png", "2/a9.png", "02/x.png", "²/x.png"))
    assert splits.classes == ("02", "2", "10", "²")
    assert splits.train.origins.tolist() == ["02/x.png", "2/a9.png", "2/a10.png", "10/a10.png", "²/x.png"]


def test_images_in_deeper_folders_belong_to_the_class(tmp_path):
    splits = load(_write(tmp_path, "cat/home/1.png", "dog/1.png"))
    assert splits.train.labels.tolist() == [0, 1]


@pytest.mark.parametrize(
    ("train", "validation"), [("train", "val"), ("Training", "Valid"), ("TRAIN", "validation"), ("train", None)]
)
def test_split_folders(tmp_path, train, validation):
    _write(tmp_path, f"{train}/cat/1.png", f"{train}/dog/1.png", "test/cat/1.png")
    if validation:
        _write(tmp_path, f"{validation}/dog/7.png")
    splits = load(tmp_path)
    assert splits.classes == ("cat", "dog")
    assert splits.train.labels.tolist() == [0, 1]
    assert splits.test.labels.tolist() == [0]
    assert (splits.validation.labels.tolist() == [1]) if validation else splits.validation is None


def test_a_class_may_be_called_train(tmp_path):
    assert load(_write(tmp_path, "car/1.png", "plane/1.png", "train/1.png")).classes == ("car", "plane", "train")


def test_folders_beside_train_are_named(tmp_path, caplog):
    load(_write(tmp_path, "train/a/1.png", "train/b/1.png", "spare/a/1.png"))
    assert "spare" in caplog.text


def test_splits_without_train_arerefused(tmp_path, refused):
    _write(tmp_path, "test/a/1.png", "test/b/1.png", "val/a/1.png")
    with refused("train/", "val", str(tmp_path / "test")):
        load(tmp_path)


def test_two_folders_of_one_split_arerefused(tmp_path, refused):
    _write(tmp_path, "train/a/1.png", "train/b/1.png", "val/a/1.png", "validation/a/1.png")
    with refused(str(tmp_path), "val, validation"):
        load(tmp_path)


def test_a_folder_without_class_folders_is_refused_with_the_layout(tmp_path, refused):
    _write(tmp_path, "1.png")
    with refused("class", str(tmp_path)):
        load(tmp_path)


def test_one_class_folder_is_refused_before_anything_is_decoded(tmp_path, refused):
    (tmp_path / "unpacked" / "cat").mkdir(parents=True)
    (tmp_path / "unpacked" / "cat" / "1.png").write_text("not looked at")
    with refused("2 classes", "'unpacked'", f"load {tmp_path / 'unpacked'}"):
        load(tmp_path)


def test_empty_class_folders_are_all_named(tmp_path, refused):
    _write(tmp_path, "a/1.png", "b/1.png")
    (tmp_path / "c").mkdir()
    (tmp_path / "d").mkdir()
    with refused(str(tmp_path), "c, d"):
        load(tmp_path)


def test_a_class_that_training_does_not_know_isrefused(tmp_path, refused):
    _write(tmp_path, "train/cat/1.png", "train/dog/1.png", "test/dogs/1.png")
    with refused("cat, dog", str(tmp_path / "test"), "'dogs'", "mean 'dog'"):
        load(tmp_path)


def test_a_test_folder_without_labels_isrefused(tmp_path, refused):
    _write(tmp_path, "train/cat/1.png", "train/dog/1.png", "test/1.png")
    with refused(str(tmp_path / "test"), "labels"):
        load(tmp_path)


def test_classes_set_the_order(tmp_path):
    splits = load(_write(tmp_path, "cat/1.png", "dog/1.png"), classes=["dog", "cat"])
    assert splits.classes == ("dog", "cat")
    assert splits.train.origins.tolist() == ["dog/1.png", "cat/1.png"]


def test_classes_that_are_not_the_folders_arerefused(tmp_path, refused):
    _write(tmp_path, "cat/1.png", "dog/1.png")
    with refused("'dig'", "--classes"):
        load(tmp_path, classes=["cat", "dig"])
    with refused("class", "cow"):
        load(tmp_path, classes=["cat", "cow", "dog"])


def test_litter_is_passed_over_silently(tmp_path, caplog):
    _write(tmp_path, "a/1.png", "b/1.png", "a/.ipynb_checkpoints/1-checkpoint.png", "b/._1.png", "b/__MACOSX/1.png")
    _write(tmp_path, ".cache/1.png", "__MACOSX/1.png")
    for name in ("a/Thumbs.db", "b/.DS_Store", "b/desktop.ini", "stray.txt"):
        (tmp_path / name).touch()
    assert load(tmp_path).train.origins.tolist() == ["a/1.png", "b/1.png"]
    assert not caplog.records


def test_files_that_are_no_images_by_name_are_counted(tmp_path, caplog):
    _write(tmp_path, "a/1.png", "b/1.png")
    for name in ("notes.txt", "cat.xcf"):
        (tmp_path / "a" / name).touch()
    load(tmp_path)
    (record,) = caplog.records
    assert re.search(rf"{tmp_path / 'a'}.*2 files.*cat\.xcf", record.getMessage())


@pytest.mark.skipif(os.name == "nt", reason="names are Unicode there")
def test_names_that_are_no_utf8_are_read(tmp_path):
    _write(tmp_path, "a/1.png", "b/1.png")
    odd = os.fsdecode(b"caf\xe9")
    try:
        (tmp_path / "a" / "1.png").rename(tmp_path / "a" / f"{odd}.png")
        (tmp_path / "b").rename(tmp_path / odd)
    except OSError:
        pytest.skip("the file system takes UTF-8 only")
    splits = load(tmp_path)
    assert splits.classes == ("a", odd)
    assert splits.train.origins.tolist() == [f"a/{odd}.png", f"{odd}/1.png"]
    assert splits.train.fingerprint


def test_unreadable_files_of_all_splits_are_listed_together(tmp_path):
    _write(tmp_path, "train/a/1.png", "train/b/1.png", "test/a/1.png", "test/b/1.png")
    broken = [tmp_path / "train" / "b" / "1.png", tmp_path / "test" / "a" / "1.png"]
    for path in broken:
        path.write_bytes(b"")
    with pytest.raises(UnreadableImagesError) as error:
        load(tmp_path)
    assert error.value.files == broken


def test_unreadable_files_can_be_left_out(tmp_path, caplog, refused):
    _write(tmp_path, "train/a/1.png", "train/a/2.png", "train/b/1.png", "test/a/1.png")
    for name in ("train/a/1.png", "test/a/1.png"):
        (tmp_path / name).write_bytes(b"")
    splits = load(tmp_path, allow_unreadable=0.5)
    assert splits.train.origins.tolist() == ["train/a/2.png", "train/b/1.png"]
    assert splits.test is None
    (record,) = [record for record in caplog.records if "left out" in record.getMessage()]
    assert re.search("2 of 4", record.getMessage())
    assert splits.inventory.left_out[Reason.UNREADABLE] == ("train/a/1.png", "test/a/1.png")
    (tmp_path / "train" / "b" / "1.png").write_bytes(b"")
    with refused("class", " b"):
        load(tmp_path, allow_unreadable=0.9)


@pytest.mark.parametrize("share", [-0.1, 1.5, 10])
def test_a_share_is_of_0_to_1(tmp_path, share, refused):
    with refused("allow_unreadable", "--allow-unreadable", str(share)):
        load(_write(tmp_path, "a/1.png", "b/1.png"), allow_unreadable=share)


def test_a_named_folder_keeps_what_was_decoded(tmp_path):
    source = _write(tmp_path / "source", "a/1.png", "b/1.png")
    first, second = (load(source, decoded=tmp_path / "kept").train for _ in range(2))
    assert first.fingerprint == second.fingerprint
    assert len(list((tmp_path / "kept").iterdir())) == 2


@pytest.mark.slow
@pytest.mark.needs_shared
def test_real_photographs_of_mixed_sizes(shared, caplog):
    caplog.set_level(logging.WARNING, "zoo.data")
    images = load(shared / "data" / "sign_digits").train
    assert len(images) == 2062
    assert images.image_size == (100, 100)
    assert images.classes == tuple("0123456789")
    assert re.search("3 of 2062.*3024x3024.*100x100", caplog.text)


@pytest.mark.needs_shared
def test_cells_of_16_bits_are_those_of_8_bits_by_default(shared, tmp_path):
    folders = sorted((shared / "data" / "blood96" / "val").iterdir())
    for path in (path for folder in folders for path in sorted(folder.iterdir())[:6]):
        cell = np.asarray(Image.open(path).convert("RGB"))
        deep = cell.astype(np.uint16) * 257
        for form, values in (("png8", cell), ("png16", deep), ("tif", deep)):
            copy = tmp_path / form / path.parent.name / f"{path.stem}.{form[:3]}"
            copy.parent.mkdir(parents=True, exist_ok=True)
            if form == "tif":
                tifffile.imwrite(copy, values, photometric="rgb")
            else:
                assert cv2.imwrite(str(copy), values[..., ::-1])
    plain, *others = (load(tmp_path / form).train for form in ("png8", "png16", "tif"))
    assert [images.fingerprint for images in others] == [plain.fingerprint] * 2
    assert [images.reading.depth_range for images in others] == [(0, 65535)] * 2
    assert plain.reading.is_plain


def test_the_depth_range_is_chosen_from_the_training_images(tmp_path):
    for split, level in (("train", 500), ("val", 9000)):
        for name in ("a", "b"):
            folder = tmp_path / split / name
            folder.mkdir(parents=True)
            Image.fromarray(np.linspace(0, level, 64).reshape(8, 8).astype(np.uint16)).save(folder / "0.png")
    splits = load(tmp_path)
    (_, high) = splits.train.reading.depth_range
    assert 490 < high < 510
    assert splits.validation.reading == splits.train.reading
    assert (splits.validation.take(np.arange(1)) == 255).mean() > 0.9


def test_a_few_deep_files_among_plain_ones_are_scaled(tmp_path):
    _write(tmp_path, *(f"cat/{row}.png" for row in range(9)), *(f"dog/{row}.jpg" for row in range(9)))
    Image.fromarray(np.full((6, 8), 65535, np.uint16)).save(tmp_path / "dog" / "deep.png")
    images = load(tmp_path).train
    assert images.take(np.flatnonzero(images.origins == "dog/deep.png")).min() == 255


def test_a_source_whose_training_images_are_all_broken_is_refused(tmp_path, refused):
    root = _write(tmp_path, "test/a/1.png", "test/b/1.png", "train/a/1.png", "train/b/1.png")
    for path in (root / "train").rglob("*.png"):
        path.write_bytes(b"no picture")
    with refused("images to train on", "2 of test"):
        load(root, allow_unreadable=0.5)


@pytest.mark.parametrize(
    ("classes", "told"),
    [
        (["catt", "dog"], ("--classes", "received 'catt'", "mean 'cat'")),
        (["Dog", "cat"], ("--classes", "received 'Dog'", "mean 'dog'")),
        (["cat"], ("--classes", "without dog", "too")),
        (FittedClasses(["catt", "dog"]), ("Expected the classes catt, dog", "received 'cat'", "mean 'catt'")),
    ],
)
def test_of_names_that_the_user_typed_the_folders_are_right(classes, told, tmp_path, refused):
    with refused(*told):
        load(_write(tmp_path, "cat/1.png", "dog/1.png"), classes=classes)


def test_of_typed_names_that_training_has_another_splits_folder_is_wrong(tmp_path, refused):
    files = ("train/cat/1.png", "train/dog/1.png", "val/cat/2.png", "val/dgo/2.png")
    with refused("received 'dgo'", "mean 'dog'"):
        load(_write(tmp_path, *files), classes=["cat", "dog"])
