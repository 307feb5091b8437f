"""zoo/explanation/occlusion.py: it asks for predictions alone."""

import numpy as np
import pytest

from zoo.explanation.occlusion import occlusion_maps


def brightness_of_a_corner(images):
    """Two numbers an image: how bright its upper left quarter is, and nothing."""
    bright = images[:, :8, :8].mean(axis=(1, 2, 3))
    return np.stack([bright, np.zeros_like(bright)], axis=1)


def test_it_finds_what_the_answer_depends_on():
    images = np.full((2, 16, 16, 3), 40, np.uint8)
    images[:, :8, :8] = 200
    maps = occlusion_maps(brightness_of_a_corner, images, np.array([[1.0, 0.0]] * 2), patch=4)
    assert maps.shape == (2, 16, 16)
    assert maps.dtype == np.float32
    assert maps[0, :6, :6].min() > 0
    assert not maps[0, 10:, 10:].any()


def test_every_pixel_is_covered_whatever_the_sides():
    images = np.random.default_rng(0).integers(0, 255, (1, 11, 17, 3)).astype(np.uint8)

    def changed(shown):
        return np.stack([-(shown != images).any(axis=-1).sum(axis=(1, 2)).astype(float)], axis=1)

    assert (occlusion_maps(changed, images, np.ones((1, 1))) > 0).all()


@pytest.mark.parametrize("patch", [0, 17])
def test_a_patch_that_does_not_fit_is_refused(refused, patch):
    with refused("patch", str(patch)):
        occlusion_maps(brightness_of_a_corner, np.zeros((1, 16, 16, 3), np.uint8), np.ones((1, 2)), patch=patch)
