"""Corrupted copies: seeded, picture by picture, harder with severity."""

import doctest

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zoo.augment.corruptions import CORRUPTIONS, SEVERITIES
from zoo.data import Images, as_images
from zoo.datasets.smears import CLASSES, smears
from zoo.evaluation import corrupted_copies as copies
from zoo.evaluation.corrupted_copies import corrupt, suite

pytestmark = pytest.mark.fits

RANDOM_KINDS = ("motion_blur", "stain_deposit", "bubble", "composite")


def _cells(size):
    sample = smears(64, size, seed=1)
    return as_images(sample.images, sample.labels, CLASSES).subset(~sample.planted)


@pytest.fixture(scope="module")
def cells():
    return _cells(96)


@pytest.fixture(scope="module", params=[28, 96, 224])
def cells_of_a_size(request):
    few = _cells(request.param)
    return few.subset(np.arange(0, len(few), 4))


def _distance(images, other):
    return np.abs(images.take(np.arange(len(images))).astype(int) - other.pixels).mean()


@pytest.mark.parametrize("kind", CORRUPTIONS)
def test_severity_goes_up_at_every_size(cells_of_a_size, kind):
    distances = [_distance(cells_of_a_size, corrupt(cells_of_a_size, kind, severity)) for severity in SEVERITIES]
    assert distances[0] > 0.5
    assert np.all(np.diff(distances) > 0)


@pytest.mark.parametrize("kind", CORRUPTIONS)
def test_a_copy_has_the_same_labels_and_leaves_the_images_alone(cells, kind):
    before = cells.fingerprint
    copy = corrupt(cells, kind, 3)
    assert Images(cells.pixels, cells.labels, cells.classes, cells.origins, cells.rows).fingerprint == before
    np.testing.assert_array_equal(copy.labels, cells.labels)
    np.testing.assert_array_equal(copy.origins, cells.origins)
    assert copy.classes == cells.classes
    assert copy.image_size == cells.image_size
    assert copy.pixels.dtype == np.uint8


@settings(max_examples=20, deadline=None)
@given(st.data())
def test_what_happens_to_a_picture_depends_on_no_other(blobs, data):
    kind, severity = data.draw(st.sampled_from([*CORRUPTIONS])), data.draw(st.sampled_from(SEVERITIES))
    rows = np.array(data.draw(st.lists(st.integers(0, len(blobs) - 1), min_size=1, max_size=8)))
    whole, part = corrupt(blobs, kind, severity), corrupt(blobs.subset(rows), kind, severity)
    np.testing.assert_array_equal(part.pixels, whole.pixels[rows])


@pytest.mark.parametrize("kind", CORRUPTIONS)
def test_the_seed_decides_what_is_random(cells, kind):
    first, again, other = (corrupt(cells, kind, 5, seed=seed).pixels for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert np.array_equal(first, other) == (kind not in RANDOM_KINDS)


def test_how_the_pixels_lie_changes_nothing(cells, tmp_path):
    pixels = cells.take(np.arange(8))
    np.save(tmp_path / "pixels.npy", pixels)
    mapped = np.load(tmp_path / "pixels.npy", mmap_mode="r")
    turned = np.ascontiguousarray(pixels.transpose(0, 3, 1, 2)).transpose(0, 2, 3, 1)
    for kind in CORRUPTIONS:
        first, *others = (
            corrupt(Images(array, cells.labels[:8], cells.classes, cells.origins[:8]), kind, 4).pixels
            for array in (pixels, mapped, turned)
        )
        for other in others:
            np.testing.assert_array_equal(other, first)


def test_the_suite_goes_through_everything_once(blobs):
    few = blobs.subset(np.arange(2))
    found = list(suite(few, seed=3))
    assert [(kind, severity) for kind, severity, _ in found] == [(k, s) for k in CORRUPTIONS for s in SEVERITIES]
    np.testing.assert_array_equal(found[-1][2].pixels, corrupt(few, "composite", 5, seed=3).pixels)


def test_the_example_is_right():
    assert doctest.testmod(copies) == (0, 3)


def test_mistakes_are_named(blobs):
    with pytest.raises(ValueError, match=r"'bubbles'.*mean 'bubble'"):
        corrupt(blobs, "bubbles", 1)
    for severity in (0, 6, 1.5):
        with pytest.raises(ValueError, match=rf"severity.*{severity}"):
            corrupt(blobs, "bubble", severity)
    with pytest.raises(ValueError, match=r"seed.*-1"):
        corrupt(blobs, "bubble", 1, seed=-1)


@pytest.mark.needs_shared
def test_real_cells_stay_cells(shared):
    """On average a severity of 5 takes less than half of a picture's range from it."""
    from zoo.data import load

    images = load(shared / "data" / "blood96" / "val").train
    few = images.subset(np.arange(0, len(images), 100))
    for kind in CORRUPTIONS:
        assert 0.5 < _distance(few, corrupt(few, kind, 1)) < _distance(few, corrupt(few, kind, 5)) < 128
