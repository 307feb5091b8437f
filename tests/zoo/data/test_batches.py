"""Batches: every row once an epoch, the same whatever was read before."""

import gc
import weakref

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.utils.class_weight import compute_class_weight

from zoo.augment import make_policy
from zoo.data import as_images
from zoo.data.batches import Drawing, LabelledBatches, TrainingBatches, balanced_weights, predict
from zoo.data.views import Fresh

pytestmark = pytest.mark.fits


def _numbered(count, classes=3):
    """Images that show their row in every corner."""
    pixels = np.zeros((count, 2, 2, 3), np.uint8)
    pixels[..., 0] = np.arange(count)[:, None, None]
    pixels[..., 1] = [[10, 20], [30, 40]]
    return as_images(pixels, np.arange(count) % classes, whole=False)


def _batches(images, epoch=0, workers=1, **options):
    how = Drawing(**({"batch_size": 4, "seed": (0,)} | options))
    source = Fresh(images, make_policy("flips"), how.seed)
    return TrainingBatches(source, images.labels, len(images.classes), how, epoch=epoch, workers=workers)


def _rows(batch):
    return batch[0][:, 0, 0, 0].astype(int)


def _epoch(batches):
    return [batches[index] for index in range(batches.num_batches)]


def _assert_same(first, second):
    for ours, theirs in zip(first, second, strict=True):
        for one, other in zip(ours, theirs, strict=True):
            np.testing.assert_array_equal(one, other)


@settings(deadline=None, max_examples=40)
@given(st.integers(3, 60), st.integers(1, 17), st.integers(0, 3))
def test_every_epoch_holds_every_row_once(count, batch_size, epochs):
    batches = _batches(_numbered(count), batch_size=batch_size)
    for _ in range(epochs):
        batches.on_epoch_end()
    read = _epoch(batches)
    assert [len(batch[0]) for batch in read[:-1]] == [min(batch_size, count)] * (len(read) - 1)
    np.testing.assert_array_equal(np.sort(np.concatenate([_rows(batch) for batch in read])), np.arange(count))


@settings(deadline=None, max_examples=30)
@given(st.lists(st.integers(0, 5), max_size=8), st.integers(0, 3), st.integers(0, 2**32))
def test_batches_depend_on_seed_and_epoch_and_not_on_what_was_read(reads, epochs, seed):
    images = _numbered(23)
    used, started = _batches(images, seed=(seed, 1)), _batches(images, seed=(seed, 1), epoch=epochs)
    for _ in range(epochs):
        for index in reads:
            used[index]
        used.on_epoch_end()
    _assert_same(_epoch(started), _epoch(used))


def test_epochs_and_seeds_differ():
    images = _numbered(50)
    orders = [tuple(_batches(images, seed=seed).order) for seed in [(0, 1), (0, 2), (1, 1)]]
    assert len({*orders, tuple(_batches(images, seed=(0, 1), epoch=1).order)}) == 4


def _trained(images, workers):
    keras.utils.set_random_seed(0)
    layers = [keras.layers.Rescaling(1 / 255), keras.layers.Flatten(), keras.layers.Dense(3)]
    model = keras.Sequential([keras.Input((2, 2, 3), dtype="uint8"), *layers])
    model.compile("sgd", "mse")
    model.fit(_batches(images, workers=workers, mix="mixup"), epochs=3, verbose=0, shuffle=False)
    return model.get_weights()


@pytest.mark.fits
def test_the_number_of_threads_changes_nothing():
    images = _numbered(40)
    for ours, theirs in zip(_trained(images, 1), _trained(images, 4), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_targets_are_one_hot_and_weights_those_of_the_class():
    images = _numbered(10)
    batches = _batches(images, batch_size=10, imbalance="class_weights")
    pictures, targets, weights = batches[0]
    labels = images.labels[_rows((pictures,))]
    np.testing.assert_array_equal(targets.argmax(axis=1), labels)
    np.testing.assert_array_equal(targets.sum(axis=1), np.ones(10))
    np.testing.assert_allclose(weights, balanced_weights(images.labels, 3)[labels], rtol=1e-6)


def test_a_mixture_weighs_what_its_parts_weigh():
    images = _numbered(30, classes=2).subset(np.r_[0:30:2, 1:5:2])
    batches = _batches(images, batch_size=17, imbalance="class_weights", mix="mixup", mix_alpha=1.0)
    _, targets, weights = batches[0]
    assert ((targets > 0.01) & (targets < 0.99)).any()
    np.testing.assert_allclose(weights, targets @ balanced_weights(images.labels, 2), rtol=1e-5)


def test_undersampled_epochs_hold_as_many_of_each_class():
    images = _numbered(30, classes=2).subset(np.r_[0:30:2, 1:9:2])
    batches = _batches(images, batch_size=3, imbalance="undersample")
    targets = np.concatenate([batch[1] for batch in _epoch(batches)])
    assert targets.sum(axis=0).tolist() == [4, 4]


def test_balanced_sampling_never_shows_the_same_picture_twice_in_an_epoch():
    pixels = np.random.default_rng(0).integers(0, 256, (33, 12, 12, 3), dtype=np.uint8)
    images = as_images(pixels, np.r_[np.zeros(30, int), np.ones(3, int)], whole=False)
    how = Drawing(batch_size=8, imbalance="balanced_sampling", seed=(0,))
    batches = TrainingBatches(Fresh(images, make_policy("composite"), (0,)), images.labels, 2, how)
    shown = np.concatenate([batch[0] for batch in _epoch(batches)])
    assert len(np.unique(shown.reshape(33, -1), axis=0)) == 33


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(0, 3), min_size=1, max_size=60))
def test_balanced_weights_are_scikit_learns(labels):
    labels = np.array([*labels, 0, 1, 2, 3])
    ours = balanced_weights(labels, 4)
    theirs = compute_class_weight("balanced", classes=np.arange(4), y=labels)
    np.testing.assert_allclose(ours, theirs, rtol=1e-6)


def test_a_class_without_images_weighs_a_finite_number():
    weights = balanced_weights(np.array([0, 0, 1]), 3)
    assert np.isfinite(weights).all()
    assert weights[[0, 0, 1]].mean() == pytest.approx(1)


class _Echo:
    """Answers with the images that it is given, and notes how many there were at a time."""

    name = "echo"

    def __init__(self):
        self.seen = []

    def predict_on_batch(self, pictures):
        self.seen.append(len(pictures))
        return pictures


@pytest.mark.parametrize("workers", [1, 3])
def test_prediction_keeps_the_order_and_batches_of_one_size(workers):
    images = _numbered(11)
    for pictures in (images, np.asarray(images.pixels)):
        echo = _Echo()
        np.testing.assert_array_equal(predict(echo, pictures, 4, workers=workers), images.pixels)
        assert echo.seen == [4, 4, 4]


def test_many_networks_predict_without_a_warning_that_they_are_traced(caplog):
    for side in range(4, 13):
        network = keras.Sequential([keras.Input((side, side, 3)), keras.layers.Flatten()])
        predict(network, np.zeros((1, side, side, 3), np.float32), 1)
    assert caplog.records == []


def test_prediction_leaves_nothing_of_its_images_behind():
    """Keras' own predict does, under TensorFlow: the images of 55 corrupted copies would fill the memory."""
    network = keras.Sequential([keras.Input((4, 4, 3)), keras.layers.Flatten()])
    pictures = np.zeros((8, 4, 4, 3), np.float32)
    kept = weakref.ref(pictures)
    predict(network, pictures, 4)
    del pictures
    gc.collect()
    assert kept() is None


def test_validation_has_its_labels():
    images = _numbered(11)
    for index, (pictures, targets, weights) in enumerate(_epoch(LabelledBatches(images, images, 4))):
        rows = np.arange(4 * index, min(4 * index + 4, 11))
        np.testing.assert_array_equal(_rows((pictures,)), rows)
        np.testing.assert_array_equal(targets.argmax(axis=1), images.labels[rows])
        assert set(weights) == {1.0}


def test_balanced_validation_lets_every_class_weigh_the_same():
    images = as_images(np.zeros((12, 2, 2, 3), np.uint8), np.repeat([0, 1, 2], [9, 2, 1]), whole=False)
    batches = _epoch(LabelledBatches(images, images, 5, balanced=True))
    targets, weights = (np.concatenate(column) for column in list(zip(*batches, strict=True))[1:])
    np.testing.assert_allclose(weights @ targets, [4, 4, 4], rtol=1e-6)
