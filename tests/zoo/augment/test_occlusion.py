"""Occlusion: what is covered, and how much of it."""

import numpy as np
import pytest

from zoo.augment import occlusion
from zoo.augment.occlusion import Layer, draw_occlusion, paint

GREY = np.full((80, 60, 3), 120, np.uint8)


def _occluded(kind, seed, magnitude=1.0, picture=GREY):
    random = np.random.default_rng(seed)
    return paint(picture, kind(random, picture.shape[:2], magnitude, [(30.0, 40.0), (5.0, 70.0)]))


def test_paint_mixes_by_the_cover():
    cover = np.zeros((80, 60), np.float32)
    cover[:40] = 0.25
    cover[40:60] = 1
    painted = paint(GREY, [Layer(cover, (200, 0, 120))])
    np.testing.assert_allclose(painted[0, 0], [140, 90, 120], atol=1)
    np.testing.assert_allclose(painted[50, 0], [200, 0, 120], atol=1)
    np.testing.assert_array_equal(painted[60:], GREY[60:])


@pytest.mark.parametrize("kind", occlusion.OCCLUSIONS)
def test_an_occlusion_covers_its_places_and_leaves_most_of_the_picture(kind):
    for seed in range(20):
        changed = (_occluded(kind, seed) != GREY).any(-1)
        assert 0 < changed.mean() < 0.6
        assert changed[20:60, 15:45].any()
        assert not changed[:5, 50:].any()


@pytest.mark.parametrize("kind", occlusion.OCCLUSIONS)
def test_more_magnitude_covers_more(kind):
    shares = [
        np.mean([(_occluded(kind, seed, magnitude) != GREY).any(-1).mean() for seed in range(30)])
        for magnitude in (0.3, 0.6, 1.0)
    ]
    assert shares == sorted(shares)
    assert shares[2] > 2 * shares[0]


def test_holes_are_rectangles_of_one_grey():
    for seed in range(10):
        random = np.random.default_rng(seed)
        (layer,) = occlusion.holes(random, (80, 60), 1.0, [(30.0, 40.0)])
        assert len(set(layer.colour)) == 1
        rows, columns = np.nonzero(layer.cover)
        box = layer.cover[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
        assert (box == 1).all()


def test_bubbles_are_lighter_inside_than_at_the_rim():
    light = np.full_like(GREY, 200)
    for seed in range(10):
        layers = occlusion.bubbles(np.random.default_rng(seed), (80, 60), 1.0, [(30.0, 40.0)])
        bubble = paint(light, layers)[..., 0]
        assert bubble.min() < 200 < bubble[40, 30]


def test_every_kind_is_drawn():
    random = np.random.default_rng(0)
    drawn = [draw_occlusion(random, (80, 60), 0.7)[0].apply.keywords["layers"] for _ in range(60)]
    colours = {layers[0].colour for layers in drawn}
    assert occlusion.WASHED_OUT in colours
    assert any(colour in occlusion.STAINS for colour in colours)
    assert any(len(set(colour)) == 1 for colour in colours)
