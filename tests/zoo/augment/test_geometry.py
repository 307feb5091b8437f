"""Moves of the plane, against SciPy's and Pillow's."""

from functools import reduce

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from scipy.ndimage import affine_transform

from zoo.augment.geometry import (
    AS_IT_IS,
    FLIPS,
    rotation,
    shear_x,
    shear_y,
    then,
    translation,
    warp,
    zoom,
)

MOVES = {
    "rotation": rotation(17),
    "shear_x": shear_x(0.25),
    "shear_y": shear_y(-0.2),
    "translation": translation(5.5, -3.25),
    "larger": zoom(1.3),
    "smaller": zoom(0.7),
    "flipped": then(FLIPS[1], rotation(200)),
    "all": reduce(then, [rotation(140), shear_x(0.2), zoom(0.8), translation(9, 20)]),
}


def _linear(move):
    return np.array([[move.a, move.b], [move.d, move.e]]), np.array([move.c, move.f])


def _scipy(picture, move):
    """Mirrored at the middle of the outermost pixels, linear: rows first, as SciPy counts."""
    matrix, offset = _linear(move)
    matrix, offset = matrix[::-1, ::-1], offset[::-1]
    centre = (np.array(picture.shape[:2]) - 1) / 2
    shift = offset + centre - matrix @ centre
    channels = [
        affine_transform(picture[..., c].astype(float), matrix, shift, order=1, mode="mirror") for c in (0, 1, 2)
    ]
    return np.stack(channels, axis=-1)


@pytest.mark.parametrize("name", MOVES)
def test_a_warp_is_scipys_everywhere_up_to_the_mirrored_border(name, cells):
    for picture in cells[:3]:
        difference = np.abs(warp(picture, MOVES[name]) - _scipy(picture, MOVES[name]))
        assert difference.mean() < 0.5
        assert np.quantile(difference, 0.99) < 4  # OpenCV looks up places in 32nds of a pixel


@pytest.mark.parametrize("name", ["rotation", "shear_x", "shear_y", "translation", "larger"])
def test_a_warp_is_pillows_where_pillow_has_pixels(name, cell):
    height, width = cell.shape[:2]
    matrix, offset = _linear(MOVES[name])
    centre = np.array([width, height]) / 2
    shift = offset + centre - matrix @ centre
    data = (*matrix[0], shift[0], *matrix[1], shift[1])
    image = Image.fromarray(cell).transform((width, height), Image.Transform.AFFINE, data, Image.Resampling.BILINEAR)
    y, x = np.mgrid[:height, :width] + 0.5
    places = np.stack([x, y], -1) @ matrix.T + shift
    inside = ((places > 1) & (places < np.array([width, height]) - 1)).all(-1)
    assert inside.mean() > 0.5
    difference = np.abs(warp(cell, MOVES[name]).astype(int) - np.asarray(image))[inside]
    assert difference.mean() < 0.7
    assert np.quantile(difference, 0.99) <= 5


@pytest.mark.parametrize(
    ("move", "turned"),
    list(zip(FLIPS, [np.s_[:, :], np.s_[:, ::-1], np.s_[::-1], np.s_[::-1, ::-1]], strict=True)),
)
def test_flips_are_exact(move, turned, static):
    np.testing.assert_array_equal(warp(static, move), static[turned])
    twice = then(move, move)
    assert twice == AS_IT_IS
    assert warp(static, twice) is static


@pytest.mark.parametrize("flip", FLIPS)
@settings(deadline=None, max_examples=30)
@given(right=st.integers(-60, 60), down=st.integers(-60, 60))
def test_shifts_by_whole_pixels_are_exact_mirror_images(flip, right, down, static):
    moved = warp(static, then(flip, translation(right, down)))
    np.testing.assert_array_equal(moved, np.rint(_scipy(static, then(flip, translation(right, down)))))
    assert moved.flags.c_contiguous


def test_moves_go_where_their_names_say():
    spot = np.zeros((11, 11, 3), np.uint8)
    spot[5, 5] = 255
    assert np.argwhere(warp(spot, translation(2, -3))[..., 0] == 255).tolist() == [[2, 7]]
    spot = np.roll(spot, 3, axis=1)
    quarter = warp(spot, rotation(90))[..., 0]
    assert np.unravel_index(quarter.argmax(), quarter.shape) == (2, 5)
    larger = warp(spot, zoom(5 / 3))[..., 0]
    assert np.unravel_index(larger.argmax(), larger.shape) == (5, 10)


numbers = st.floats(-2, 2).map(lambda number: round(number, 3))
moves = st.one_of(
    st.sampled_from(FLIPS),
    st.builds(rotation, st.floats(-180, 180)),
    st.builds(shear_x, numbers),
    st.builds(shear_y, numbers),
    st.builds(translation, numbers, numbers),
    st.builds(zoom, st.floats(0.5, 2)),
)


@given(st.lists(moves, min_size=1, max_size=5))
def test_fused_moves_are_the_product_of_their_matrices(listed):
    def square(move):
        return np.array([[move.a, move.b, move.c], [move.d, move.e, move.f], [0, 0, 1]])

    fused = reduce(then, listed)
    np.testing.assert_allclose(square(fused), reduce(np.matmul, map(square, listed)), atol=1e-9)


@settings(deadline=None, max_examples=40)
@given(st.lists(moves, max_size=4), st.integers(1, 9), st.integers(1, 9), st.integers(0, 255))
def test_an_even_picture_of_any_size_stays_even_to_its_corners(listed, height, width, level):
    even = np.full((height, width, 3), level, np.uint8)
    np.testing.assert_array_equal(warp(even, reduce(then, listed, AS_IT_IS)), even)
