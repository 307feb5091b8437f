"""Previews: augmented images of every class on one sheet."""

import numpy as np
import pytest
from PIL import Image

from zoo.augment import POLICIES, augment, make_policy
from zoo.data import contact_sheet as module
from zoo.data import load
from zoo.data.contact_sheet import preview


@pytest.fixture
def sheets(monkeypatch):
    """Lists what goes on the sheets, as (pictures, options)."""
    listed = []
    draw = module.contact_sheet
    monkeypatch.setattr(module, "contact_sheet", lambda p, path, **o: listed.append((p, o)) or draw(p, path, **o))
    return listed


def test_a_sheet_shows_every_class_augmented(blobs, tmp_path, sheets):
    path = preview(blobs, make_policy("standard"), tmp_path / "sheet.png", count=12)
    with Image.open(path) as image:
        assert image.width > 8 * 96
    ((pictures, options),) = sheets
    assert options["captions"] == ["red"] * 4 + ["green"] * 4 + ["blue"] * 4
    assert options["scale"] == 6
    rows = np.flatnonzero(blobs.labels == 0)[::8]
    np.testing.assert_array_equal(pictures[:4], augment(blobs.take(rows), np.arange(4), make_policy("standard"), (0,)))


def test_few_images_come_again_augmented_anew(blobs, tmp_path, sheets):
    preview(blobs.subset(np.arange(3)), make_policy("standard"), tmp_path / "sheet.png")
    assert len({picture.tobytes() for picture in sheets[0][0]}) == 64


def test_another_seed_draws_other_pictures_of_the_same_images(blobs, tmp_path):
    sheets = [preview(blobs, make_policy("rand"), tmp_path / f"{n}.png", seed=n).read_bytes() for n in (0, 0, 1)]
    assert sheets[0] == sheets[1] != sheets[2]


def test_nothing_to_show_is_an_error(blobs, tmp_path):
    with pytest.raises(ValueError, match="count"):
        preview(blobs, make_policy("rand"), tmp_path / "sheet.png", count=0)
    with pytest.raises(ValueError, match="0 images"):
        preview(blobs.subset(np.arange(0)), make_policy("rand"), tmp_path / "sheet.png")


@pytest.fixture(scope="module")
def real_cells(shared):
    return load(shared / "data" / "blood96" / "val").train


@pytest.mark.needs_shared
@pytest.mark.parametrize("name", POLICIES)
def test_real_cells_stay_bright_to_their_corners_under_every_policy(real_cells, name):
    """The background is light: only an inversion, noise or a hole can darken corners, and those are few."""
    rows = np.arange(0, len(real_cells), max(1, len(real_cells) // 200))
    augmented = augment(real_cells.take(rows), rows, make_policy(name), (0,))
    corners = augmented[:, [0, 0, -1, -1], [0, -1, 0, -1]].max(-1)
    assert (corners < 16).mean() < 0.04


def test_mixed_images_are_captioned_with_the_share_of_each_class(blobs, tmp_path, monkeypatch):
    captioned = []
    monkeypatch.setattr(module, "contact_sheet", lambda pictures, path, captions, scale: captioned.extend(captions))
    preview(blobs, make_policy("none"), tmp_path / "sheet.png", mix="mixup", mix_alpha=1.0, count=24)
    mixed = [caption.split("\n") for caption in captioned if "\n" in caption]
    assert mixed
    for lines in mixed:
        shares = [int(line.split("% ")[0]) for line in lines]
        assert sum(shares) in (99, 100, 101)
        assert shares == sorted(shares, reverse=True)
        assert {line.split("% ")[1] for line in lines} <= set(blobs.classes)
