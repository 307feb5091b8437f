"""The same real images by every door: what is equal, and what cannot be."""

import csv
import logging
import math

import datasets
import keras
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import tensorflow as tf
from PIL import Image
from pyarrow import parquet

from zoo import Ensemble, Recipe
from zoo.data import Splits, limit, load
from zoo.data.loading import with_validation
from zoo.utils.text import natural

SPLITS = {"train": "train", "val": "validation"}
PER_CLASS = {"train": 12, "val": 4}
ORDERED = ("csv", "parquet", "pandas", "paths", "hugging_face", "npz", "arrays", "memmap")
SHUFFLED = ("tf_data", "py_dataset")  # they are brought into the order of their content, as they may be shuffled


@pytest.fixture(scope="module")
def listing(shared, request):
    """Some rows of each class and split of the folder, in its order: (path, class, split)."""
    return _listed(shared / "data" / "blood96", PER_CLASS)


def _listed(root, counts):
    return [
        (path, folder.name, split)
        for split in SPLITS
        for folder in sorted((root / split).iterdir())
        for path in sorted(folder.iterdir(), key=lambda path: natural(path.name))[: counts.get(split)]
    ]


@pytest.fixture(scope="module")
def doors(listing, tmp_path_factory):
    """Each door, from the listing to what ``load`` takes, with its options."""
    return _doors(listing, tmp_path_factory.mktemp("doors"))


def _doors(listing, root):
    rows = {
        "filename": [str(path) for path, _, _ in listing],
        "class": [name for _, name, _ in listing],
        "split": [split for _, _, split in listing],
    }
    with (root / "t.csv").open("w", newline="") as file:
        csv.writer(file).writerows([list(rows), *zip(*rows.values(), strict=True)])
    parquet.write_table(pa.table(rows), root / "t.parquet")
    classes = sorted(set(rows["class"]))
    features = datasets.Features({"image": datasets.Image(), "label": datasets.ClassLabel(names=classes)})
    parts = {
        split: {
            "image": [{"bytes": path.read_bytes(), "path": None} for path, _, own in listing if own == split],
            "label": [name for _, name, own in listing if own == split],
        }
        for split in SPLITS
    }
    pixels = {s: np.stack([np.asarray(Image.open(p).convert("RGB")) for p, _, o in listing if o == s]) for s in SPLITS}
    labels = {split: np.array([classes.index(name) for name in parts[split]["label"]]) for split in SPLITS}
    np.savez(root / "t.npz", **{f"{s}_images": pixels[s] for s in SPLITS}, **{f"{s}_labels": labels[s] for s in SPLITS})
    pairs = {split: (pixels[split], labels[split]) for split in SPLITS}
    mapped = {split: (_mapped(root / f"{split}.npy", pixels[split]), labels[split]) for split in SPLITS}
    hugging_face = datasets.DatasetDict(
        {split: datasets.Dataset.from_dict(part, features=features) for split, part in parts.items()}
    )
    streams = {
        split: tf.data.Dataset.from_tensor_slices(pair).shuffle(1000, seed=1).batch(50) for split, pair in pairs.items()
    }
    paths = {split: [str(path) for path, _, own in listing if own == split] for split in SPLITS}

    def two(sources):
        return lambda: with_validation(load(sources["train"], classes=classes), sources["val"], seed=0)

    return {
        "csv": lambda: load(root / "t.csv"),
        "parquet": lambda: load(root / "t.parquet"),
        "pandas": lambda: load(pd.DataFrame(rows)),
        "paths": two({split: (paths[split], parts[split]["label"]) for split in SPLITS}),
        "hugging_face": lambda: load(hugging_face),
        "npz": lambda: load(root / "t.npz", classes=classes),
        "arrays": two(pairs),
        "memmap": two(mapped),
        "tf_data": lambda: load((streams["train"], streams["val"]), classes=classes),
        "py_dataset": two({split: _Batches(*pair, classes) for split, pair in pairs.items()}),
    }


def _mapped(path, array):
    np.save(path, array)
    return np.load(path, mmap_mode="r")


class _Batches(keras.utils.PyDataset):
    def __init__(self, pixels, labels, names):
        super().__init__()
        self.pixels, self.labels, self.class_names = pixels, labels, names

    def __len__(self):
        return math.ceil(len(self.labels) / 50)

    def __getitem__(self, index):
        return self.pixels[index * 50 : index * 50 + 50], self.labels[index * 50 : index * 50 + 50]


@pytest.fixture(scope="module")
def linked(listing, tmp_path_factory):
    """The same files as a folder of class folders."""
    root = tmp_path_factory.mktemp("folder")
    for path, name, split in listing:
        (root / split / name).mkdir(parents=True, exist_ok=True)
        (root / split / name / path.name).write_bytes(path.read_bytes())
    return root


@pytest.fixture(scope="module")
def folder(linked):
    return load(linked)


def _content(images):
    return sorted(zip(images.digests, images.labels.tolist(), strict=True))


@pytest.mark.needs_shared
@pytest.mark.parametrize("door", ORDERED)
def test_rows_and_fingerprints_are_those_of_the_folder(door, doors, folder):
    loaded = doors[door]()
    assert loaded.classes == folder.classes
    assert [name for name, _ in loaded.items()] == ["train", "validation"]
    for (_, own), (_, images) in zip(loaded.items(), folder.items(), strict=True):
        assert own.digests == images.digests
        assert own.labels.tolist() == images.labels.tolist()
        assert own.fingerprint == images.fingerprint  # what keys of members are made of


@pytest.mark.needs_shared
@pytest.mark.parametrize("door", SHUFFLED)
def test_streams_hold_the_same_in_an_order_of_their_own(door, doors, folder):
    loaded = doors[door]()
    assert loaded.classes == folder.classes
    for (_, own), (_, images) in zip(loaded.items(), folder.items(), strict=True):
        assert _content(own) == _content(images)
        assert own.fingerprint == doors[door]().items()[0 if own is loaded.train else 1][1].fingerprint


@pytest.mark.needs_shared
@pytest.mark.parametrize("door", ["csv", "hugging_face"])
def test_what_is_held_out_is_the_same(door, doors, folder):
    held = [with_validation(splits.train, None, seed=3).validation for splits in (doors[door](), folder)]
    assert held[0].digests == held[1].digests


@pytest.mark.slow
@pytest.mark.needs_shared
def test_a_member_of_one_door_is_found_by_another(doors, linked, one_rule, tmp_path, caplog):
    recipe = Recipe(head_epochs=1, epochs=0)

    def fitted(source):
        return Ensemble(["simple_cnn"], recipe=recipe, store=tmp_path).fit(source)

    first = fitted(linked)
    with caplog.at_level(logging.INFO, "zoo"):
        others = [fitted(doors[door]()) for door in ("csv", "npz")]
    assert caplog.text.count("found") >= len(others)
    for other in others:
        assert other.state_.keys == first.state_.keys
        np.testing.assert_array_equal(other.held_out_.logits, first.held_out_.logits)


@pytest.mark.needs_shared
@pytest.mark.slow
def test_all_images_by_every_door(shared, tmp_path, one_rule):
    root = shared / "data" / "blood96"
    listing = _listed(root, {})
    assert len(listing) == 13_671
    folder, doors = load(root), _doors(listing, tmp_path)
    first = _trained(folder, tmp_path / "first")
    for door in ORDERED:
        loaded = doors[door]()
        assert [own.fingerprint for _, own in loaded.items()] == [own.fingerprint for _, own in folder.items()]
        if door in ("csv", "hugging_face", "npz"):  # in a store of its own, so that it is trained again
            other = _trained(loaded, tmp_path / door)
            assert other.state_.keys == first.state_.keys
            np.testing.assert_array_equal(other.held_out_.logits, first.held_out_.logits)
    for door in SHUFFLED:
        for (_, own), (_, images) in zip(doors[door]().items(), folder.items(), strict=True):
            assert _content(own) == _content(images)


def _trained(splits, store):
    """Train on some of the images."""
    some = Splits(limit(splits.train, 1000), limit(splits.validation, 200))
    return Ensemble(["simple_cnn"], recipe=Recipe(head_epochs=1, epochs=0), store=store).fit(some)
