"""``load``: one door for every source."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from zoo.data import Splits, drop_duplicates, load
from zoo.data.class_names import FittedClasses
from zoo.data.loading import with_validation
from zoo.datasets.smears import CLASSES, smears


def test_what_was_loaded_passes_through(blobs):
    splits = Splits(blobs, blobs)
    assert load(splits) is splits
    assert load(blobs).train is blobs


def test_what_was_loaded_is_resized_where_another_size_is_asked_for(blobs):
    part = blobs.subset(np.arange(95, 40, -1))
    loaded = load(Splits(blobs, part), image_size=(8, 12))
    assert [images.image_size for _, images in loaded.items()] == [(8, 12), (8, 12)]
    assert loaded.validation.labels.tolist() == part.labels.tolist()
    np.testing.assert_array_equal(loaded.validation.pixels, loaded.train.pixels[part.rows])
    assert load(blobs, image_size=16).train is blobs


def test_classes_of_what_was_loaded_have_to_be_its_own(blobs):
    assert load(blobs, classes=["red", "green", "blue"]).train is blobs
    for source in (blobs, Splits(blobs)):
        with pytest.raises(ValueError, match=r"red, green, blue.*blue, green, red"):
            load(source, classes=["blue", "green", "red"])


@pytest.mark.slow
def test_the_demo_is_drawn_and_cleaning_drops_exactly_what_was_planted():
    sample = smears(size=16)
    splits = load("demo", image_size=16)
    assert splits.classes == CLASSES
    np.testing.assert_array_equal(splits.train.pixels, sample.images)
    clean, found = drop_duplicates(splits)
    np.testing.assert_array_equal(found["train"].dropped, sample.planted | sample.repeated)
    assert len(clean.train) == 1600


def test_the_demo_may_be_oblong(monkeypatch):
    monkeypatch.setattr("zoo.data.sources.demo.smears", partial(smears, 64))
    assert load("demo", image_size=(16, 20)).train.image_size == (16, 20)


def test_a_path_to_nothing_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match="missing"):
        load(tmp_path / "missing")


def test_a_path_that_is_mistyped_is_suggested(tmp_path):
    (tmp_path / "train.csv").write_text("image,label\n")
    with pytest.raises(FileNotFoundError, match=r"nothing at .*trian\.csv.*mean .*train\.csv"):
        load(tmp_path / "trian.csv")
    with pytest.raises(FileNotFoundError, match="nothing at") as raised:
        load(tmp_path / "images")
    assert "mean" not in str(raised.value)


def test_another_file_is_refused(tmp_path):
    (tmp_path / "set.zip").touch()
    with pytest.raises(ValueError, match=r"\.npz.*set\.zip"):
        load(str(tmp_path / "set.zip"))


def test_an_array_without_labels_is_refused():
    with pytest.raises(TypeError, match=r"load\(images, labels\)"):
        load(np.zeros((4, 2, 2, 3), np.uint8))


@pytest.mark.parametrize("source", [None, 7, {"images": 1}, [1, 2], (1, 2, 3)])
def test_another_kind_of_source_is_refused(source, refused):
    with refused("tf.data.Dataset", "'demo'", type(source).__name__, error=TypeError):
        load(source)


@pytest.mark.parametrize("source", ["demo", "folder", (1, 2)])
def test_labels_for_a_source_that_has_its_own_are_refused(source):
    with pytest.raises(TypeError, match=rf"{type(source).__name__}.*labels"):
        load(source, np.zeros(4))


@pytest.mark.parametrize("size", [0, (4, 5, 6), 2.5])
def test_a_size_that_is_none_is_refused(size):
    with pytest.raises(ValueError, match="image_size"):
        load("demo", image_size=size)


def test_nested_pairs_as_of_keras_datasets_are_refused():
    pixels, labels = np.zeros((4, 2, 2, 3), np.uint8), np.arange(4) % 2
    with pytest.raises(ValueError, match="one array"):
        load(((pixels, labels), (pixels, labels)))


def test_duplicates_are_left_out_of_a_source_alone(blobs):
    from zoo.data.loading import with_validation

    rows = np.array([*range(96), 0, 3])
    copies, labels = blobs.take(rows), blobs.labels[rows]
    labels[96] = 1  # under another label than its picture
    once = with_validation((copies, labels), None, seed=0, unique=True)
    assert len(once.train) + len(once.validation) == 95
    loaded = load((copies, labels))
    kept = with_validation(loaded, None, seed=0, unique=True)
    assert len(kept.train) + len(kept.validation) == 98
    given = with_validation((copies, labels), (copies[3:6], labels[3:6]), seed=0, unique=True)
    assert (len(given.train), len(given.validation)) == (92, 3)


def test_copies_in_a_sources_own_test_split_are_left_out_too(blobs, tmp_path):
    from zoo.data.loading import with_validation

    pixels, labels = blobs.take(np.arange(60)), blobs.labels[:60]
    arrays = {"train_images": pixels, "train_labels": labels, "test_images": pixels[:9], "test_labels": labels[:9]}
    np.savez(tmp_path / "own.npz", **arrays)
    others = (blobs.take(np.arange(60, 90)), blobs.labels[60:90])
    for validation in (None, others, load(others)):
        made = with_validation(tmp_path / "own.npz", validation, seed=0, unique=True)
        assert not set(made.test.digests) & set(made.train.digests)
        assert len(made.test) == 9


def test_the_command_and_fit_train_on_the_same_images(blobs):
    from zoo.cleaning.preparation_options import Preparation
    from zoo.cleaning.prepare import prepare
    from zoo.data.loading import with_validation

    rows = np.array([*range(96), 0, 3])
    source = (blobs.take(rows), blobs.labels[rows])
    command, fit = prepare(source, Preparation(), seed=3), with_validation(source, None, seed=3, unique=True)
    assert command.train.fingerprint == fit.train.fingerprint
    assert command.validation.fingerprint == fit.validation.fingerprint


def test_what_was_loaded_is_padded_with_the_colour_that_is_asked_for(blobs):
    height, width = blobs.image_size
    padded = load(Splits(blobs), image_size=(height, 2 * width), fit="pad", background="black").train
    assert not padded.take([0])[0, :, 0].any()
    assert padded.reading.background == (0, 0, 0)


def test_a_depth_range_comes_too_late_for_what_was_loaded(blobs, refused):
    assert load(blobs, depth_range=(0, 4095)).train.reading.depth_range is None  # of bytes
    deep = replace(blobs, reading=replace(blobs.reading, depth_range=(0.0, 65535.0)))
    assert load(deep, depth_range=(0, 65535)).train is deep
    with refused("depth_range", "65535", "where you load"):
        load(deep, depth_range=(0, 4095))


def test_files_stay_accounted_for_when_images_are_grouped_or_resized(planted):
    splits = load(planted("a/p1.png", "a/p2.png", "b/p3.png", "b/p4.png"), group_from=r"p(\d)")
    assert len(splits.inventory) == len(load(splits, image_size=16).inventory) == 4
    assert len(load(splits, classes=FittedClasses(("b", "a"))).inventory) == 4


def test_validation_images_that_give_way_to_others_are_told(blobs, caplog):
    caplog.set_level("WARNING")
    with_validation(Splits(blobs, blobs.subset(np.arange(10))), blobs.subset(np.arange(10, 20)), seed=0)
    assert "10 validation images that came with the training images are left out" in caplog.text
