"""Arrays and tf.data datasets."""

import re
from tempfile import TemporaryDirectory

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from zoo.data import load

RANDOM = np.random.default_rng(0)
PIXELS = RANDOM.integers(0, 256, (10, 4, 6, 3), dtype=np.uint8)
LABELS = np.arange(10) % 3


def _dataset(pixels=PIXELS, labels=LABELS):
    return tf.data.Dataset.from_tensor_slices((pixels, labels))


def _by_content(pixels, labels):
    return sorted(zip((picture.tobytes() for picture in pixels), labels.tolist(), strict=True))


def _assert_loaded_in_some_order(images, labels=LABELS):
    assert _by_content(images.take(np.arange(len(images))), images.labels) == _by_content(PIXELS, labels)


def _assert_loaded(images):
    np.testing.assert_array_equal(images.take(np.arange(10)), PIXELS)
    np.testing.assert_array_equal(images.labels, LABELS)
    assert images.classes == ("0", "1", "2")


def test_arrays_are_taken_as_a_pair_or_as_two():
    _assert_loaded(load((PIXELS, LABELS)).train)
    _assert_loaded(load(PIXELS, LABELS[:, None]).train)
    _assert_loaded(load(list(PIXELS), LABELS.tolist()).train)
    assert load(PIXELS, LABELS).train.pixels is PIXELS


def test_arrays_are_resized_and_it_is_said(caplog):
    caplog.set_level("INFO", "zoo.data")
    assert load(PIXELS, LABELS, image_size=(8, 9)).train.image_size == (8, 9)
    assert re.search("10 images.*4x6.*8x9", caplog.text)
    assert load(PIXELS, LABELS, image_size=(4, 6)).train.pixels is PIXELS


@pytest.mark.parametrize("batch", [None, 3, 10, 64])
def test_datasets_are_read_batched_or_not(batch):
    dataset = _dataset() if batch is None else _dataset().batch(batch)
    images = load(dataset).train
    _assert_loaded_in_some_order(images)
    assert images.classes == ("0", "1", "2")
    assert isinstance(images.pixels, np.memmap)


@pytest.mark.parametrize("batch", [None, 4])
def test_labels_may_be_columns_or_names(batch):
    names = np.array(["cat", "dog", "owl"])
    for labels in (LABELS[:, None], names[LABELS]):
        dataset = _dataset(labels=labels)
        images = load(dataset if batch is None else dataset.batch(batch)).train
        _assert_loaded_in_some_order(images)


def test_a_datasets_own_class_names_are_used_and_given_ones_before_them():
    dataset = _dataset().batch(4)
    dataset.class_names = ["a", "b", "c"]
    assert load(dataset).classes == ("a", "b", "c")
    assert load(dataset, classes=["x", "y", "z"]).classes == ("x", "y", "z")


def test_floats_of_0_to_255_pass_though_one_image_is_black():
    pixels = PIXELS.astype(np.float32)
    pixels[4] = 0
    assert load(_dataset(pixels)).train.take(np.arange(10)).max(axis=(1, 2, 3)).min() == 0


def test_floats_of_0_to_1_are_refused_over_the_whole(tmp_path, refused):
    with refused("np.rint(images * 255).astype('uint8')"):
        load(_dataset(PIXELS.astype(np.float32) / 255), decoded=tmp_path)
    assert not list(tmp_path.iterdir())


def test_the_same_dataset_is_kept_once(tmp_path):
    for seed in range(3):
        _assert_loaded_in_some_order(load(_dataset().shuffle(10, seed=seed), decoded=tmp_path).train)
    assert len(list(tmp_path.iterdir())) == 1


copies = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 2)), min_size=1, max_size=12)


@settings(deadline=None, max_examples=25)
@given(copies, st.randoms(use_true_random=False), st.booleans())
def test_a_dataset_in_any_order_is_the_same_data(copies, random, one_folder):
    loaded = []
    with TemporaryDirectory() as first, TemporaryDirectory() as second:
        for folder in (first, first if one_folder else second):
            pictures, labels = np.array(copies).T
            dataset = _dataset(PIXELS[pictures], labels).batch(5)
            loaded.append(load(dataset, classes=["a", "b", "c"], decoded=folder, whole=False).train)
            random.shuffle(copies)
        assert loaded[0].fingerprint == loaded[1].fingerprint
        assert _by_content(loaded[0].take(np.arange(len(labels))), loaded[0].labels) == _by_content(
            PIXELS[pictures], labels
        )


def test_a_shuffled_dataset_loads_the_same_at_every_reading(tmp_path):
    dataset = _dataset().shuffle(10, reshuffle_each_iteration=True).batch(4)
    one, other = load(dataset, decoded=tmp_path).train, load(dataset, image_size=(4, 6)).train
    np.testing.assert_array_equal(one.labels, other.labels)
    assert one.fingerprint == other.fingerprint
    assert load(dataset, image_size=8).train.fingerprint == load(dataset, image_size=8).train.fingerprint


def test_a_dataset_can_be_resized():
    assert load(_dataset(), image_size=8).train.image_size == (8, 8)


def test_an_endless_dataset_isrefused(refused):
    with refused(".repeat()"):
        load(_dataset().repeat())


@pytest.mark.parametrize(
    "dataset",
    [
        tf.data.Dataset.from_tensor_slices(PIXELS),
        tf.data.Dataset.from_tensor_slices({"image": PIXELS, "label": LABELS}),
        tf.data.Dataset.from_tensor_slices((PIXELS, LABELS, LABELS)),
        tf.data.Dataset.from_tensor_slices((tf.ragged.constant([[1], [1, 2]]), [0, 1])),
    ],
)
def test_elements_that_are_no_pairs_arerefused(dataset, refused):
    with refused("(image, label)"):
        load(dataset)


@pytest.mark.parametrize("batch", [None, 4])
def test_one_hot_labels_are_read(batch):
    dataset = _dataset(labels=np.eye(3)[LABELS])
    _assert_loaded_in_some_order(load(dataset if batch is None else dataset.batch(batch)).train)


@pytest.mark.parametrize("labels", [np.eye(3)[LABELS] * 0.9 + 0.03, np.ones((10, 3), int), np.zeros((10, 3), int)])
@pytest.mark.parametrize(("batch", "shapes"), [(None, ("(3,)", "(4, 6, 3)")), (5, ("(5, 3)", "(5, 4, 6"))])
def test_rows_of_labels_that_are_not_one_hot_are_refused_with_the_fix(labels, batch, shapes, refused):
    dataset = _dataset(labels=labels)
    with refused(*shapes, "dataset.map(lambda image, label: (image, tf.argmax(label, -1)))"):
        load(dataset if batch is None else dataset.batch(batch))


def test_an_empty_dataset_isrefused(refused):
    with refused("empty"):
        load(_dataset().take(0))


def test_mixed_sizes_in_a_dataset_arerefused(tmp_path, refused):
    def elements():
        yield PIXELS[0], 0
        yield PIXELS[0, :2], 1

    signature = (tf.TensorSpec((None, None, 3), tf.uint8), tf.TensorSpec((), tf.int64))
    with refused("(4, 6, 3)", "(2, 6, 3)"):
        load(tf.data.Dataset.from_generator(elements, output_signature=signature), decoded=tmp_path)
    assert not list(tmp_path.iterdir())


def test_grey_datasets_become_rgb():
    pictures = load(_dataset(PIXELS[..., :1])).train.take(np.arange(10))
    assert sorted(row.tobytes() for row in pictures) == sorted(
        row.tobytes() for row in np.repeat(PIXELS[..., :1], 3, axis=-1)
    )
