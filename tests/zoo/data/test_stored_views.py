"""Images made once: balanced as promised, the same from file and memory, made again only where they must be."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zoo.augment import augment, make_policy
from zoo.data import Images
from zoo.data import stored_views as offline
from zoo.data.stored_views import balance, stored_views
from zoo.data.views import View
from zoo.utils import locks as kept

FLIPS, NONE, STRONG = make_policy("flips"), make_policy("none"), make_policy("composite")
CLASSES = ("a", "b", "c", "d")


def _images(labels, side=4):
    """Images of noise, each with its row for an origin."""
    pixels = np.random.default_rng(0).integers(0, 256, (len(labels), side, side, 3), dtype=np.uint8)
    return Images(pixels, np.asarray(labels, np.int64), CLASSES, np.array([f"{row}.png" for row in range(len(labels))]))


def _all(pictures):
    return pictures.take(np.arange(len(pictures)))


@pytest.fixture
def counted(monkeypatch):
    """How many pictures were augmented, call by call."""
    calls = []

    def count(pictures, *rest):
        calls.append(len(pictures))
        return augment(pictures, *rest)

    monkeypatch.setattr(offline, "augment", count)
    monkeypatch.setattr("zoo.data.views.augment", count)
    return calls


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(0, 3), min_size=1, max_size=40), st.integers(0, 2**32))
def test_every_class_gets_as_many_as_the_largest_and_no_image_two_copies_more_than_another(labels, seed):
    images = _images(labels)
    balanced = balance(images, FLIPS, seed=(seed,))
    present = images.counts > 0
    assert (balanced.counts[present] == images.counts.max()).all()
    assert (balanced.counts[~present] == 0).all()
    np.testing.assert_array_equal(balanced.pixels[: len(images)], images.pixels)
    copies = Counter(origin.removeprefix("copy of ") for origin in balanced.origins[len(images) :])
    for label in np.flatnonzero(present):
        times = [copies[origin] for origin in images.origins[images.labels == label]]
        assert max(times) - min(times) <= 1


def test_copies_are_their_origins_augmented_with_their_label_each_in_its_own_way():
    images = _images([0] * 30 + [1], side=16)
    balanced = balance(images, STRONG, seed=(3,))
    copies = np.arange(31, 60)
    sources = [int(origin.removeprefix("copy of ").removesuffix(".png")) for origin in balanced.origins[copies]]
    np.testing.assert_array_equal(balanced.labels[copies], images.labels[sources])
    expected = augment(images.take(np.array(sources)), copies, STRONG, (3,))
    np.testing.assert_array_equal(balanced.pixels[copies], expected)
    assert len(np.unique(balanced.pixels[copies], axis=0)) > 25


def test_balanced_images_are_the_same_from_file_in_chunks_and_from_memory(tmp_path, monkeypatch):
    images = _images([0] * 9 + [1] * 3 + [3] * 2).subset(np.array([13, *range(2, 12), 0]))
    memory = balance(images, STRONG, seed=(1, 2))
    monkeypatch.setattr(offline, "CHUNK", 5)
    disk = balance(images, STRONG, seed=(1, 2), path=tmp_path / "deep" / "balanced.npy")
    assert isinstance(disk.pixels, np.memmap)
    assert disk.fingerprint == memory.fingerprint
    assert disk.origins.tolist() == memory.origins.tolist()
    assert sorted(path.name for path in (tmp_path / "deep").glob("*.npy")) == ["balanced.npy"]


def test_balanced_images_stay_balanced():
    images = _images([0, 1, 2, 3])
    assert balance(images, FLIPS, seed=(0,)).fingerprint == images.fingerprint


def test_without_augmentation_images_are_repeated():
    balanced = balance(_images([0, 0, 0, 1]), NONE, seed=(0,))
    np.testing.assert_array_equal(balanced.pixels[4:], balanced.pixels[[3, 3]])


def test_a_file_that_is_there_is_read(tmp_path, counted):
    images, path = _images([0] * 40 + [1] * 3), tmp_path / "balanced.npy"
    first = balance(images, FLIPS, seed=(0,), path=path)
    written, before = path.stat().st_mtime_ns, sum(counted)
    assert balance(images, FLIPS, seed=(0,), path=path).fingerprint == first.fingerprint
    assert path.stat().st_mtime_ns == written
    assert sum(counted) - before <= offline.PROBES


def test_a_file_in_a_folder_that_cannot_be_written_is_read(tmp_path, monkeypatch):
    images, path = _images([0] * 5 + [1]), tmp_path / "balanced.npy"
    expected = balance(images, FLIPS, seed=(0,), path=path).fingerprint
    monkeypatch.setattr(kept, "FileLock", None)
    assert balance(images, FLIPS, seed=(0,), path=path).fingerprint == expected


@pytest.mark.parametrize("spoil", ["cut", "empty", "text", "other seed", "other images", "other policy", "other size"])
def test_a_file_of_anything_else_is_made_again(tmp_path, spoil):
    images, path = _images([0] * 40 + [1] * 3), tmp_path / "balanced.npy"
    expected = balance(images, FLIPS, seed=(0,), path=path).fingerprint
    if spoil == "cut":
        path.write_bytes(path.read_bytes()[:-1])
    elif spoil in ("empty", "text"):
        path.write_text(spoil.removeprefix("empty"))
    else:
        other = {"other images": _images([1] * 40 + [0] * 3), "other size": _images([0] * 40 + [1] * 3, side=5)}
        seed, policy = (int(spoil == "other seed"),), NONE if spoil == "other policy" else FLIPS
        balance(other.get(spoil, images), policy, seed=seed, path=path)
    assert balance(images, FLIPS, seed=(0,), path=path).fingerprint == expected


def test_a_row_that_changed_between_those_that_are_made_again_is_found(tmp_path, caplog):
    images, path = _images([0] * 40 + [1] * 3), tmp_path / "balanced.npy"
    expected = balance(images, FLIPS, seed=(0,), path=path).fingerprint
    content = bytearray(path.read_bytes())
    content[128 + images.pixels[0].nbytes] ^= 1  # of row 1, behind the header
    path.write_bytes(content)
    assert balance(images, FLIPS, seed=(0,), path=path).fingerprint == expected
    assert "made again" in caplog.text


def test_stored_views_are_the_views_with_the_clean_one_first(tmp_path, blobs):
    views = stored_views(blobs, STRONG, 3, seed=(5, 1), path=tmp_path)
    assert views[0] is blobs
    for number, view in enumerate(views[1:], start=1):
        np.testing.assert_array_equal(_all(view), _all(View(blobs, STRONG, (5, 1, number))))
    assert sorted(path.name for path in tmp_path.glob("*.npy")) == ["view_1.npy", "view_2.npy"]


def test_more_views_add_files_and_keep_those_that_are_there(tmp_path, blobs, counted):
    few = stored_views(blobs, FLIPS, 2, seed=(0,), path=tmp_path)
    written = (tmp_path / "view_1.npy").stat().st_mtime_ns
    counted.clear()
    many = stored_views(blobs, FLIPS, 3, seed=(0,), path=tmp_path)
    assert (tmp_path / "view_1.npy").stat().st_mtime_ns == written
    assert sum(counted) <= len(blobs) + offline.PROBES
    np.testing.assert_array_equal(_all(few[1]), _all(many[1]))


def test_a_kill_while_writing_leaves_no_view_and_the_next_run_goes_on(tmp_path, blobs, monkeypatch):
    monkeypatch.setattr(offline, "CHUNK", 40)
    calls = []

    def die(pictures, *rest):
        calls.append(len(pictures))
        if len(calls) == 5:
            raise KeyboardInterrupt
        return augment(pictures, *rest)

    with monkeypatch.context() as patch:
        patch.setattr("zoo.data.views.augment", die)
        with pytest.raises(KeyboardInterrupt):
            stored_views(blobs, FLIPS, 4, seed=(0,), path=tmp_path)
    assert [path.name for path in tmp_path.glob("*.npy")] == ["view_1.npy"]
    assert len(stored_views(blobs, FLIPS, 4, seed=(0,), path=tmp_path)) == 4


@pytest.mark.parametrize(("policy", "count"), [(NONE, 4), (FLIPS, 1)])
def test_where_there_is_one_view_nothing_is_stored(tmp_path, blobs, policy, count):
    assert stored_views(blobs, policy, count, seed=(0,), path=tmp_path) == [blobs]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
@pytest.mark.needs_shared
def test_real_cells_are_balanced_like_the_first_reports(shared):
    from zoo.data import load

    images = load(shared / "data" / "blood96" / "val").train
    balanced = balance(images, STRONG, seed=(0,))
    assert set(balanced.counts) == {images.counts.max()}
