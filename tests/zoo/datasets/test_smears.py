"""The drawn smears: reproducible, unbalanced, faulty where they say, and eight kinds one can tell apart."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from zoo.datasets.cells import draw_cell
from zoo.datasets.doodles import OGRE, TROLL, draw_doodle
from zoo.datasets.smears import CLASSES, REPORTED, Smears, class_counts, smears

pytestmark = pytest.mark.fits

COUNT, SIZE = 400, 32


@pytest.fixture(scope="module")
def sample() -> Smears:
    return smears(COUNT, SIZE, seed=3)


def _groups(sample: Smears) -> dict[bytes, list[int]]:
    """Rows by picture."""
    groups: dict[bytes, list[int]] = {}
    for row, image in enumerate(sample.images):
        groups.setdefault(image.tobytes(), []).append(row)
    return groups


def test_the_classes_are_in_alphabetical_order() -> None:
    assert list(CLASSES) == sorted(CLASSES)
    assert len(CLASSES) == len(REPORTED) == 8


def test_shapes_and_dtypes(sample: Smears) -> None:
    rows = COUNT + 20 + 4 + 4
    assert sample.images.shape == (rows, SIZE, SIZE, 3)
    assert sample.images.dtype == np.uint8
    for name, dtype in {"labels": np.int64, "planted": np.bool_, "repeated": np.bool_}.items():
        assert getattr(sample, name).shape == (rows,)
        assert getattr(sample, name).dtype == dtype


def test_the_same_seed_draws_the_same_set() -> None:
    first, second = smears(64, SIZE, seed=5), smears(64, SIZE, seed=5)
    for name in ("images", "labels", "planted", "repeated"):
        np.testing.assert_array_equal(getattr(first, name), getattr(second, name))


def test_another_seed_draws_another_set() -> None:
    first, second = smears(64, SIZE, seed=5), smears(64, SIZE, seed=6)
    assert not np.array_equal(first.images, second.images)
    assert not np.array_equal(first.labels, second.labels)


def test_a_seed_draws_the_same_cells_at_every_size() -> None:
    large, small = (draw_cell("eosinophil", size, np.random.default_rng(1)) for size in (128, 32))
    reduced = large.reshape(32, 4, 32, 4, 3).mean((1, 3))
    assert np.abs(reduced - small).mean() < 6


@pytest.mark.parametrize("kind", CLASSES)
@pytest.mark.parametrize("size", [16, 33, 128])
def test_a_cell_is_drawn_darker_than_the_plasma_around_it(kind: str, size: int) -> None:
    image = draw_cell(kind, size, np.random.default_rng(2))
    assert image.shape == (size, size, 3)
    middle = image[size * 2 // 5 : size * 3 // 5, size * 2 // 5 : size * 3 // 5]
    assert middle.mean() < np.median(image[[0, -1]]) - 25


@pytest.mark.parametrize("count", [400, 1600, 11_959])
def test_the_classes_are_as_unbalanced_as_reported(count: int) -> None:
    counts = class_counts(count)
    assert counts.sum() == count
    np.testing.assert_allclose(counts, count * np.array(REPORTED) / sum(REPORTED), atol=1)


def test_no_class_of_a_small_set_is_left_without_cells() -> None:
    np.testing.assert_array_equal(class_counts(64), np.full(8, 8))
    assert class_counts(100).min() == 8
    assert class_counts(100).sum() == 100


def test_the_cells_are_labelled_in_these_proportions(sample: Smears) -> None:
    cells = sample.labels[~sample.planted & ~sample.repeated]
    np.testing.assert_array_equal(np.bincount(cells), class_counts(COUNT))


@pytest.mark.parametrize("count", [64, COUNT])
def test_planted_rows_are_copies_of_two_doodles_under_conflicting_labels(count: int) -> None:
    sample = smears(count, 16)
    doodles = [draw_doodle(strokes, 16) for strokes in (OGRE, TROLL)]
    copies = [(sample.images == doodle).all((1, 2, 3)) for doodle in doodles]
    np.testing.assert_array_equal(copies[0] | copies[1], sample.planted)
    for copy in copies:
        assert len(set(sample.labels[copy])) > 1


def test_repeated_rows_follow_an_original_with_the_same_label(sample: Smears) -> None:
    for rows in _groups(sample).values():
        if sample.repeated[rows].any():
            np.testing.assert_array_equal(sample.repeated[rows], [False] + [True] * (len(rows) - 1))
            assert len(set(sample.labels[rows])) == 1


def test_nothing_else_comes_twice(sample: Smears) -> None:
    kept = np.flatnonzero(~sample.planted & ~sample.repeated)
    assert len(_groups(sample)) == len(kept) + 2 == COUNT + 2


def test_the_rows_are_shuffled(sample: Smears) -> None:
    assert set(sample.labels[:60]) == set(range(8))
    assert 0 < sample.planted[: len(sample.planted) // 2].sum() < sample.planted.sum()


def test_a_few_pictures_have_a_blue_cast(sample: Smears) -> None:
    red, _, blue = np.median(sample.images[~sample.planted, 0], axis=1).T
    assert 0.005 < np.mean(blue > red) < 0.05


def _thumbnails(sample: Smears) -> NDArray[np.float64]:
    """Pictures of 8 x 8 pixels, one row each."""
    tiny: NDArray[np.float64] = sample.images.reshape(-1, 8, SIZE // 8, 8, SIZE // 8, 3).mean((2, 4))
    return tiny.reshape(-1, 192)


def test_the_kinds_can_be_told_apart_from_the_class_means(sample: Smears) -> None:
    cells = ~sample.planted & ~sample.repeated
    images, labels = _thumbnails(sample)[cells], sample.labels[cells]
    fit = np.arange(len(labels)) % 2 == 0
    means = np.stack([images[fit & (labels == label)].mean(0) for label in range(8)])
    nearest = np.square(images[~fit, None] - means).sum(2).argmin(1)
    assert np.mean(nearest == labels[~fit]) > 0.5


def test_an_unknown_kind_is_refused_with_the_list_of_kinds() -> None:
    with pytest.raises(ValueError, match=r"basophil, .*platelet.*'blast'"):
        draw_cell("blast", 64, np.random.default_rng(0))


def test_too_small_a_picture_is_refused() -> None:
    with pytest.raises(ValueError, match=r"size.*16.*15"):
        smears(64, 15)
    with pytest.raises(ValueError, match=r"size.*16.*8"):
        draw_cell("ig", 8, np.random.default_rng(0))


def test_too_few_cells_are_refused() -> None:
    with pytest.raises(ValueError, match=r"count.*64.*63"):
        smears(63)
