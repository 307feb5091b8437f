"""Keras' PyDatasets."""

import keras
import numpy as np
import pytest

from zoo.data import load

PIXELS = np.random.default_rng(0).integers(0, 256, (10, 4, 6, 3), dtype=np.uint8)
LABELS = np.arange(10) % 3


class Batches(keras.utils.PyDataset):
    def __init__(self, labels=LABELS, length=4, parts=2):
        super().__init__()
        self.labels = labels
        self.length = length
        self.parts = parts

    def __len__(self):
        if self.length is None:
            raise NotImplementedError
        return self.length

    def __getitem__(self, index):
        rows = slice(index * 3 % 10, index * 3 % 10 + 3)
        return (PIXELS[rows], self.labels[rows], np.ones(3))[: self.parts]


class Endless(keras.utils.PyDataset):
    def __getitem__(self, index):
        return PIXELS, LABELS


def _pairs(images):
    named = [images.classes[label] for label in images.labels]
    return sorted(zip((picture.tobytes() for picture in images.take(np.arange(len(images)))), named, strict=True))


@pytest.mark.parametrize("labels", [LABELS, np.eye(3)[LABELS], LABELS.astype(float), LABELS.astype(str)])
def test_batches_are_read_whatever_form_labels_have(labels):
    expected = sorted((picture.tobytes(), str(label)) for picture, label in zip(PIXELS, LABELS, strict=True))
    assert _pairs(load(Batches(labels)).train) == expected


@pytest.mark.parametrize("form", ["(n,)", "(n, 1)", "one-hot"])
def test_batches_of_grey_images_need_no_axis_of_channels(form):
    labels = {"(n,)": LABELS, "(n, 1)": LABELS[:, None], "one-hot": np.eye(3)[LABELS]}[form]

    class Grey(Batches):
        def __getitem__(self, index):
            pixels, labels = super().__getitem__(index)
            return pixels[..., 0], labels

    grey = np.repeat(PIXELS[..., :1], 3, axis=-1)
    expected = sorted((picture.tobytes(), str(label)) for picture, label in zip(grey, LABELS, strict=True))
    assert _pairs(load(Grey(labels)).train) == expected


def test_names_of_an_image_data_generator_are_used():
    source = Batches(np.eye(3)[LABELS])
    source.class_indices = {"c": 2, "a": 0, "b": 1}
    assert load(source).classes == ("a", "b", "c")
    assert load(source, classes=["c", "b", "a"]).train.counts.tolist() == [3, 3, 4]


@pytest.mark.parametrize("spoil", [lambda data: bytes([data[0] ^ 1]) + data[1:], lambda data: data[:-1]])
def test_a_kept_file_that_changed_is_made_again(tmp_path, caplog, spoil):
    expected = _pairs(load(Batches(), decoded=tmp_path).train)
    (kept,) = tmp_path.glob("*.raw")
    kept.write_bytes(spoil(kept.read_bytes()))
    assert _pairs(load(Batches(), decoded=tmp_path).train) == expected
    assert "made again" in caplog.text
    assert [path.name for path in tmp_path.iterdir()] == [kept.name]


def test_endless_ones_and_other_batches_are_refused(tmp_path, refused):
    with refused("Endless", "__len__"):
        load(Endless())
    with refused("Batches", "__len__"):
        load(Batches(length=None))
    with refused("free disk", str(tmp_path)):
        load(Batches(length=10**13), decoded=tmp_path)
    with refused("3 parts", "__getitem__"):
        load(Batches(parts=3))
    assert not list(tmp_path.iterdir())
