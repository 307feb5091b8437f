"""zoo/data/mapped_file.py."""

import pickle
from dataclasses import replace

import numpy as np
import pytest

from zoo.data.images import Splits
from zoo.data.loading import load
from zoo.data.mapped_file import MappedFile, received, to_send


@pytest.fixture
def mapped(tmp_path):
    """Images in a mapped file, some rows of it after others."""
    pixels = np.random.default_rng(0).integers(0, 256, (40, 8, 8, 3), np.uint8)
    np.save(tmp_path / "images.npy", pixels)
    return load((np.load(tmp_path / "images.npy", mmap_mode="r")[4:], np.arange(36) % 2))


@pytest.mark.parametrize("part", [slice(0, 36), slice(5, 20), slice(35, 3, -4)])
def test_mapped_pixels_go_by_their_path_and_come_back(mapped, part):
    splits = Splits(mapped.train.subset(np.arange(36)[part]), mapped.train.subset(np.arange(3)))
    sent = pickle.dumps(to_send(splits))
    assert len(sent) < splits.train.pixels.nbytes
    for (name, own), (other, images) in zip(splits.items(), received(pickle.loads(sent)).items(), strict=True):
        assert name == other
        assert images.fingerprint == own.fingerprint


def test_a_hash_that_was_computed_goes_with_them(mapped):
    known = mapped.train.fingerprint
    assert vars(received(to_send(mapped)).train)["fingerprint"] == known


@pytest.mark.parametrize("change", [np.array, lambda pixels: pixels[:, ::2], lambda pixels: pixels[::-1]])
def test_what_is_no_file_end_to_end_stays(mapped, change):
    images = replace(mapped.train, pixels=change(mapped.train.pixels))
    assert to_send(Splits(images)).train is images


def test_a_file_that_another_machine_lacks_is_told(mapped, tmp_path):
    sent = to_send(mapped)
    assert isinstance(sent.train.pixels, MappedFile)
    (tmp_path / "images.npy").rename(tmp_path / "gone.npy")
    with pytest.raises(FileNotFoundError, match=r"images\.npy.*share"):
        received(sent)
