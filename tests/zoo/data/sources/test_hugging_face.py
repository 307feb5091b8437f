"""Hugging Face data sets of images and labels."""

import io
import time
from concurrent.futures import ThreadPoolExecutor

import datasets
import numpy as np
import pytest
from PIL import Image

from zoo.data import UnreadableImagesError, load
from zoo.data.tables.labelled_files import load_files

NAMES = ["zebra", "ant", "10"]
LABELS = [0, 1, 2, 1, 0, 2]


@pytest.fixture(autouse=True)
def quiet():
    datasets.disable_progress_bars()


def _picture(row):
    stream = io.BytesIO()
    Image.new("RGB", (6, 4), (row * 20, 0, 0)).save(stream, "PNG")
    return {"bytes": stream.getvalue(), "path": None}


def _dataset(labels=tuple(LABELS), feature=None, pictures=None, **others):
    features = {"pixels": datasets.Image(), "kind": feature or datasets.ClassLabel(names=NAMES)}
    features |= {name: datasets.Value("string") for name in others}
    pictures = pictures or [_picture(row) for row in range(len(labels))]
    columns = {"pixels": pictures, "kind": list(labels), **others}
    return datasets.Dataset.from_dict(columns, features=datasets.Features(features))


def _reds(images):
    return (images.take(np.arange(len(images)))[:, 0, 0, 0] // 20).tolist()


def test_images_are_decoded_and_the_classes_keep_their_order(tmp_path):
    loaded = load(_dataset(), decoded=tmp_path)
    assert loaded.classes == tuple(NAMES)
    assert loaded.train.labels.tolist() == LABELS
    assert _reds(loaded.train) == list(range(6))
    assert not list((tmp_path / "encoded").iterdir())
    load(_dataset(), decoded=tmp_path)
    assert len(list(tmp_path.glob("*.npy"))) == 2  # decoded once: pixels and rows


def test_files_on_disk_are_read_where_they_are(tmp_path):
    for row in range(6):
        Image.new("RGB", (6, 4), (row * 20, 0, 0)).save(tmp_path / f"{row}.png")
    paths = [{"bytes": None, "path": str(tmp_path / f"{row}.png")} for row in range(6)]
    assert _reds(load(_dataset(pictures=paths)).train) == list(range(6))


def test_splits_of_a_dict_and_of_a_column():
    both = datasets.DatasetDict(train=_dataset(), valid=_dataset([2, 1]), test=_dataset([0]))
    loaded = load(both)
    assert {name: part.labels.tolist() for name, part in loaded.items()} == {
        "train": LABELS,
        "validation": [2, 1],
        "test": [0],
    }
    words = ["train", "train", "train", "test", "test", "test"]
    assert {name: len(part) for name, part in load(_dataset(split=words)).items()} == {"train": 3, "test": 3}
    flags = [word == "test" for word in words]
    assert {name: len(part) for name, part in load(_dataset(is_test=flags)).items()} == {"train": 3, "test": 3}


def test_labels_meet_given_classes_by_name():
    loaded = load(_dataset(), classes=["10", "ant", "zebra"])
    assert loaded.train.labels.tolist() == [2, 1, 0, 1, 2, 0]


def test_labels_that_are_no_class_labels_are_named_by_their_values():
    dataset = _dataset([10, 2, 1, 2, 1, 10], datasets.Value("int64"))
    loaded = load(dataset, columns={"label": "kind"})
    assert loaded.classes == ("1", "2", "10")
    assert loaded.train.labels.tolist() == [2, 1, 0, 1, 0, 2]


def test_groups_are_kept():
    assert load(_dataset(patient=list("aabbcc"))).train.groups.tolist() == list("aabbcc")


def test_what_is_missing_or_of_another_kind_is_refused(refused):
    with refused("2 of 6", "dataset.filter"):
        load(_dataset([0, 1, -1, -1, 2, 0]))
    with refused("other", "train"):
        load(datasets.DatasetDict(train=_dataset(), other=_dataset()))
    with refused("train", "test"):
        load(datasets.DatasetDict(test=_dataset()))
    with refused("Value", "cast_column"):
        load(datasets.Dataset.from_dict({"image": ["a.png"], "label": ["a"]}))
    with refused("label", "kind"):
        load(_dataset([0.5] * 6, datasets.Value("float32")))
    with refused("IterableDataset", error=TypeError):
        load(_dataset().to_iterable_dataset())
    broken = [*[_picture(row) for row in range(5)], {"bytes": b"no image", "path": None}]
    with pytest.raises(UnreadableImagesError):
        load(_dataset(pictures=broken))


def test_rows_without_a_picture_are_refused_or_left_out(refused):
    pictures = [*[_picture(row) for row in range(4)], None, None]
    with refused("2 of 6", "row 4", "row['pixels'] is not None") as error:
        load(_dataset(pictures=pictures))
    assert "images_dir" not in str(error.value)  # which this source has not
    assert _reds(load(_dataset(pictures=pictures), allow_unreadable=0.5).train) == list(range(4))


def _cells(dataset, mode):
    shown = dataset.cast_column("pixels", datasets.Image(mode=mode))
    images = load(shown).train
    expected = np.stack([np.asarray(picture.convert("RGB")) for picture in shown["pixels"]])
    np.testing.assert_array_equal(images.take(np.arange(len(images))), expected)
    return expected


def test_the_mode_of_the_feature_is_that_of_the_pixels(tmp_path):
    for row in range(3):
        Image.new("RGB", (6, 4), (row * 80, 9, 200)).save(tmp_path / f"{row}.png")
    on_disk = [{"bytes": None, "path": str(tmp_path / f"{row}.png")} for row in range(3)]
    for mode in ("L", "1", "CMYK", "HSV"):
        cells = _cells(_dataset(pictures=on_disk + [_picture(row) for row in range(3)]), mode)
    assert not (cells == cells[..., :1]).all()
    with pytest.raises(UnreadableImagesError):
        _cells(_dataset(pictures=[*on_disk[:2], {"bytes": b"no image", "path": None}], labels=[0, 1, 2]), "L")


def test_two_loads_at_once_leave_each_other_their_pictures(tmp_path, monkeypatch):
    loads = []

    def load_late(files, *rest):
        if not loads:
            loads.append(ThreadPoolExecutor(1).submit(load, _dataset(), decoded=tmp_path))
            time.sleep(0.3)  # in which the other one would write the pictures, decode and remove them
        return load_files(files, *rest)

    monkeypatch.setattr("zoo.data.sources.hugging_face.load_files", load_late)
    assert _reds(load(_dataset(), decoded=tmp_path).train) == _reds(loads[0].result().train) == list(range(6))


def test_a_transform_of_the_users_is_left_out():
    transformed = _dataset().with_transform(lambda rows: {"values": [0 for _ in rows["kind"]]})
    assert _reds(load(transformed).train) == _reds(load(_dataset()).train)
