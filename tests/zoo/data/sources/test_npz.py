"""``.npz`` files: the reports', MedMNIST's, and those that are none."""

import re

import numpy as np
import pytest

from zoo.data import load

PIXELS = np.random.default_rng(0).integers(0, 256, (10, 4, 6, 3), dtype=np.uint8)
LABELS = np.arange(10) % 3


def _saved(path, **arrays):
    np.savez(path, **arrays)
    return path


@pytest.fixture
def path(tmp_path):
    return tmp_path / "set.npz"


@pytest.mark.parametrize("labels", [LABELS, LABELS[:, None], LABELS.astype(np.uint8), LABELS.astype(np.uint64)])
def test_the_reports_keys(path, labels):
    images = load(_saved(path, images=PIXELS, labels=labels), classes=["a", "b", "c"]).train
    np.testing.assert_array_equal(images.pixels, PIXELS)
    np.testing.assert_array_equal(images.labels, LABELS)
    assert images.labels.dtype == np.int64
    assert images.classes == ("a", "b", "c")


@pytest.mark.parametrize("validation", ["val", "validation"])
def test_medmnists_keys(path, validation):
    arrays = {"train_images": PIXELS, "train_labels": LABELS[:, None]}
    arrays |= {f"{validation}_images": PIXELS[:4], f"{validation}_labels": LABELS[:4, None]}
    arrays |= {"test_images": PIXELS[1:2], "test_labels": LABELS[1:2, None]}
    splits = load(_saved(path, **arrays))
    assert {name: images.labels.tolist() for name, images in splits.items()} == {
        "train": LABELS.tolist(),
        "validation": [0, 1, 2, 0],
        "test": [1],
    }
    assert splits.test.classes == ("0", "1", "2")


def test_compressed_files_and_capital_suffixes_are_read(tmp_path):
    np.savez_compressed(tmp_path / "set.npz", images=PIXELS, labels=LABELS)
    assert len(load((tmp_path / "set.npz").rename(tmp_path / "SET.NPZ")).train) == 10


def test_other_splits_take_the_size_of_training_and_it_is_said(path, caplog):
    caplog.set_level("INFO", "zoo.data")
    arrays = {"train_images": PIXELS, "train_labels": LABELS, "test_images": PIXELS[:, :2], "test_labels": LABELS}
    assert load(_saved(path, **arrays)).test.image_size == (4, 6)
    assert re.search("10 images.*2x6.*4x6", caplog.text)
    assert load(path, image_size=8).test.image_size == (8, 8)


def test_a_fault_names_the_split_that_has_it(path, refused):
    arrays = {"train_images": PIXELS, "train_labels": LABELS, "test_images": PIXELS, "test_labels": LABELS + 1}
    with refused("test_labels", "0 to 2", "1 to 3"):
        load(_saved(path, **arrays))


@pytest.mark.parametrize("arrays", [{}, {"data": PIXELS}, {"images": PIXELS}, {"val_images": 1, "val_labels": 1}])
def test_other_keys_are_refused_with_those_that_there_are(path, arrays, refused):
    with refused("'images'", "'train_images'", str(path), ", ".join(arrays)):
        load(_saved(path, **arrays))


def test_arrays_that_are_not_read_are_named(path, caplog):
    load(_saved(path, images=PIXELS, labels=LABELS, test_images=PIXELS))
    assert "test_images" in caplog.text


def test_pickled_objects_are_refused_with_the_fix(path, refused):
    objects = np.empty(2, object)
    objects[:] = [PIXELS[0], PIXELS[1]]
    np.savez(path, images=objects, labels=LABELS[:2], allow_pickle=True)
    with refused("'images'", "np.savez(path, images=np.stack(images))"):
        load(path)


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x03\x04 but broken", b"\x80\x04N."])
def test_a_file_that_is_none_isrefused(path, content, refused):
    path.write_bytes(content)
    with refused(".npz", str(path)):
        load(path)


def test_a_single_array_is_refused_with_the_fix(path, refused):
    with path.open("wb") as file:
        np.save(file, PIXELS)
    with refused(str(path), "np.savez(path, images=images, labels=labels)"):
        load(path)


def test_a_damaged_array_is_named(path, refused):
    content = bytearray(_saved(path, images=PIXELS, labels=LABELS).read_bytes())
    content[300] ^= 255
    path.write_bytes(content)
    with refused("'images'", str(path), "again"):
        load(path)


def test_a_split_under_two_names_is_refused(path, refused):
    arrays = {f"{split}_images": PIXELS for split in ("train", "val", "validation")}
    arrays |= {f"{split}_labels": LABELS for split in ("train", "val", "validation")}
    with refused("one array of images a split", "val_images", "validation_images"):
        load(_saved(path, **arrays))
