"""Another aspect is squashed, padded or cropped."""

import numpy as np
import pytest
from PIL import Image

from zoo.data.pictures.framing import over, resized
from zoo.data.pictures.pixel_reading import as_reading

HALVES = np.zeros((20, 40, 3), np.uint8)
HALVES[:, :10], HALVES[:, 30:] = (255, 0, 0), (0, 0, 255)


def _in(fit, size):
    return resized(Image.fromarray(HALVES), size, as_reading(fit=fit, background="#00ff00"))


def test_squash_keeps_all_and_changes_the_aspect():
    picture = _in("squash", (20, 20))
    assert picture[10, [0, 19]].tolist() == [[255, 0, 0], [0, 0, 255]]


def test_pad_keeps_all_and_adds_borders_of_the_background():
    picture = _in("pad", (20, 20))
    assert (picture[[0, 4, 15, 19]] == (0, 255, 0)).all()
    assert picture[10, [0, 19]].tolist() == [[255, 0, 0], [0, 0, 255]]


def test_crop_cuts_both_ends_off():
    assert not _in("crop", (20, 20)).any()
    assert (_in("crop", (5, 40))[:, [0, 39]] == HALVES[:5, [0, 39]]).all()


@pytest.mark.parametrize("fit", ["squash", "pad", "crop"])
def test_a_picture_of_the_wanted_size_stays_as_it_is(fit):
    np.testing.assert_array_equal(_in(fit, (20, 40)), HALVES)
    assert _in(fit, (1, 1)).shape == (1, 1, 3)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "RGB", "L", "P", "1", "CMYK", "PA"])
def test_what_is_opaque_is_as_pillow_converts_it(mode):
    image = Image.fromarray(HALVES).convert(mode if mode != "PA" else "P").convert(mode)
    picture, transparent = over(image, (0, 255, 0))
    assert not transparent
    np.testing.assert_array_equal(np.asarray(picture), np.asarray(image.convert("RGBA").convert("RGB")))
