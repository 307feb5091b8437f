"""``tf.data``: whether it ends, and what its labels mean. What a dataset holds is tested in test_arrays.py."""

import logging

import numpy as np
import pytest
import tensorflow as tf

from zoo.data import load
from zoo.data.sources.tf_data import ending_of

PIXELS = np.random.default_rng(0).integers(0, 256, (30, 4, 6, 3), dtype=np.uint8)
LABELS = np.arange(30) % 3
SIGNATURE = (tf.TensorSpec((4, 6, 3), tf.uint8), tf.TensorSpec((), tf.int64))


def _generated(rows):
    return tf.data.Dataset.from_generator(
        lambda: ((PIXELS[row], LABELS[row]) for row in rows()), output_signature=SIGNATURE
    )


def _forever():
    while True:
        yield from range(30)


def _new_forever():
    random = np.random.default_rng(1)
    while True:
        yield random.integers(0, 256, (64, 32, 32, 3), dtype=np.uint8), random.integers(0, 3, 64)


def test_what_repeats_for_ever_is_stopped(tmp_path, refused):
    for endless in (_generated(_forever), _generated(lambda: range(30)).repeat().filter(lambda *_: True)):
        with refused("the same 30", ".repeat()", "assert_cardinality"):
            load(endless, decoded=tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("name", "value"), [("MOST_ROWS", 640), ("MOST_BYTES", 2**21)])
def test_what_never_ends_is_stopped_at_a_limit(name, value, tmp_path, monkeypatch, refused, caplog):
    monkeypatch.setattr(f"zoo.data.streams.{name}", value)
    signature = (tf.TensorSpec((None, 32, 32, 3), tf.uint8), tf.TensorSpec((None,), tf.int64))
    with refused("704", "the end is unknown", "assert_cardinality"):
        load(tf.data.Dataset.from_generator(_new_forever, output_signature=signature), decoded=tmp_path)
    assert not list(tmp_path.iterdir())
    assert caplog.text.count("of a dataset of unknown length so far") == 1


def test_a_dataset_that_repeats_and_ends_is_read(monkeypatch):
    twice = _generated(lambda: [*range(30), *range(30)])
    assert len(load(twice).train) == 60
    monkeypatch.setattr("zoo.data.streams.MOST_ROWS", 10)
    known = _generated(lambda: range(30)).apply(tf.data.experimental.assert_cardinality(30))
    assert len(load(known).train) == 30


def test_what_is_made_of_known_lengths_ends():
    known = tf.data.Dataset.from_tensor_slices((PIXELS, LABELS))
    for dataset in (known, known.filter(lambda *_: True), known.batch(7).unbatch().shuffle(3).prefetch(1)):
        assert ending_of(dataset).certain
    for dataset in (known.repeat().filter(lambda *_: True), _generated(lambda: range(3))):
        assert not ending_of(dataset).certain


def test_more_than_the_disk_holds_is_refused_before_it_is_written(tmp_path, refused):
    known = tf.data.Dataset.from_tensor_slices((PIXELS, LABELS)).repeat(10**12)
    with refused("free disk", str(tmp_path)):
        load(known, decoded=tmp_path)
    assert not list(tmp_path.iterdir())


def test_ids_mean_the_datasets_own_names_whatever_order_is_asked_for(caplog):
    dataset = tf.data.Dataset.from_tensor_slices((PIXELS, LABELS)).batch(7)
    dataset.class_names = ["1", "10", "2"]
    loaded = load(dataset, classes=["1", "2", "10"]).train
    named = {digest: loaded.classes[label] for digest, label in zip(loaded.digests, loaded.labels, strict=True)}
    own = load(dataset).train
    assert own.classes == ("1", "10", "2")
    assert named == {digest: own.classes[label] for digest, label in zip(own.digests, own.labels, strict=True)}
    with caplog.at_level(logging.WARNING, "zoo"):
        load(dataset, classes=["a", "b", "c"])
    assert "1 is a, 10 is b, 2 is c" in caplog.text
    with pytest.raises(ValueError, match="10"):
        load(dataset, classes=["1", "2", "3"])


def test_ids_without_names_are_taken_by_order_with_a_warning_where_texts_sort_otherwise(caplog):
    dataset = tf.data.Dataset.from_tensor_slices((PIXELS, LABELS))
    with caplog.at_level(logging.WARNING, "zoo"):
        load(dataset, classes=["1", "10", "2"])
        assert not caplog.text
        load(dataset, classes=["1", "2", "10"])
    assert "0 1, 1 2, 2 10" in caplog.text


def test_ids_beyond_the_names_are_refused(refused):
    dataset = tf.data.Dataset.from_tensor_slices((PIXELS, LABELS + 1))
    dataset.class_names = ["a", "b", "c"]
    with refused("0 to 2", "1 to 3"):
        load(dataset)


def test_texts_with_accents_are_names():
    names = np.array(["café".encode(), "thé".encode(), b"eau"], object)[LABELS]
    for dataset in (tf.data.Dataset.from_tensor_slices((PIXELS, names)),):
        assert load(dataset).classes == load(dataset.batch(7)).classes == ("café", "eau", "thé")


def test_a_pair_is_training_and_validation(refused):
    known = tf.data.Dataset.from_tensor_slices((PIXELS, LABELS))
    train, validation = known.take(24), known.skip(24).take(2)
    for pair in ((train, validation), [train, validation]):
        loaded = load(pair, image_size=(2, 3))
        assert {name: len(part) for name, part in loaded.items()} == {"train": 24, "validation": 2}
        assert loaded.validation.image_size == (2, 3)
        assert loaded.validation.classes == loaded.train.classes
    with refused("(image, label)"):
        load((train, validation.map(lambda image, _: image)))


def test_the_labels_of_a_pair_mean_the_same_names_whatever_order_is_asked_for(refused):
    known = tf.data.Dataset.from_tensor_slices((PIXELS, LABELS))
    train, unnamed = known.take(24), known.skip(24)
    train.class_names = ["low", "mid", "high"]
    loaded = load((train, unnamed), classes=["high", "low", "mid"])
    for images, rows in ((loaded.train, slice(24)), (loaded.validation, slice(24, None))):
        first = [int(np.flatnonzero((images.take([row])[0] == PIXELS[rows]).all((1, 2, 3)))[0]) for row in range(3)]
        assert [images.classes[images.labels[row]] for row in range(3)] == [
            train.class_names[LABELS[rows][place]] for place in first
        ]
    unnamed.class_names = ["p", "q", "r"]
    with refused("p, q, r"):
        load((train, unnamed))


@pytest.mark.parametrize(
    ("dataset", "words"),
    [
        (lambda known: known.map(lambda image, label: {"image": image, "label": label}), ("row['image']",)),
        (lambda known: known.map(lambda image, label: (image, label, label)), ("*others",)),
        (lambda known: known.map(lambda image, _: image), ("without labels",)),
    ],
)
def test_other_elements_are_refused_with_what_they_are(dataset, words, refused):
    with refused(*words):
        load(dataset(tf.data.Dataset.from_tensor_slices((PIXELS, LABELS))))
