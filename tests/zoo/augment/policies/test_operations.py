"""The fourteen operations, each alone, against Pillow's at the same strength."""

import numpy as np
import pytest
from PIL import Image, ImageEnhance, ImageOps

from zoo.augment.batch import render
from zoo.augment.policies.rand import ONE_WAY, OPERATIONS, RAND, TRIVIAL

SIDES = (64, 56)  # height and width of the fixture's pictures


def _affine(image, a, b, c, d, e, f):
    """Transform about the centre, as RandAugment's callers of Pillow do."""
    x, y = image.width / 2, image.height / 2
    data = (a, b, c + x - a * x - b * y, d, e, f + y - d * x - e * y)
    return image.transform(image.size, Image.Transform.AFFINE, data, Image.Resampling.BILINEAR)


PILLOW = {
    "identity": lambda image, strength: image,
    "autocontrast": lambda image, strength: ImageOps.autocontrast(image),
    "equalize": lambda image, strength: ImageOps.equalize(image),
    "rotate": lambda image, strength: image.rotate(strength, Image.Resampling.BILINEAR),
    "solarize": lambda image, strength: ImageOps.solarize(image, 256 - strength),
    "color": lambda image, strength: ImageEnhance.Color(image).enhance(1 + strength),
    "posterize": lambda image, strength: ImageOps.posterize(image, 8 - round(strength)),
    "contrast": lambda image, strength: ImageEnhance.Contrast(image).enhance(1 + strength),
    "brightness": lambda image, strength: ImageEnhance.Brightness(image).enhance(1 + strength),
    "sharpness": lambda image, strength: ImageEnhance.Sharpness(image).enhance(1 + strength),
    "shear_x": lambda image, strength: _affine(image, 1, strength, 0, 0, 1, 0),
    "shear_y": lambda image, strength: _affine(image, 1, 0, 0, strength, 1, 0),
    "translate_x": lambda image, strength: _affine(image, 1, 0, -round(strength * image.width), 0, 1, 0),
    "translate_y": lambda image, strength: _affine(image, 1, 0, 0, 0, 1, -round(strength * image.height)),
}
MOVES = ("rotate", "shear_x", "shear_y", "translate_x", "translate_y")


def _strengths(name):
    ends = [0.0, *(share * space.get(name, 0.0) for space in (RAND, TRIVIAL) for share in (0.3, 0.5, 1.0))]
    return ends if name in ONE_WAY else [sign * end for end in ends for sign in (1, -1)]


def test_they_are_the_papers_fourteen():
    assert set(OPERATIONS) == set(PILLOW)
    assert len(OPERATIONS) == 14


@pytest.mark.parametrize("name", sorted(set(PILLOW) - set(MOVES)))
def test_an_operation_on_colours_is_pillows(name, cells, static):
    for picture in (*cells[:3], static):
        for strength in _strengths(name):
            ours = render(picture, OPERATIONS[name](strength, picture.shape[:2]))
            theirs = PILLOW[name](Image.fromarray(picture), strength)
            assert np.abs(ours.astype(int) - np.asarray(theirs)).max() <= 2


@pytest.mark.parametrize("name", MOVES)
def test_a_move_is_pillows_where_pillow_has_pixels(name, cells):
    for picture in cells[:3]:
        for strength in _strengths(name):
            ours = render(picture, OPERATIONS[name](strength, SIDES))
            theirs = np.asarray(PILLOW[name](Image.fromarray(picture), strength)).astype(int)
            white = PILLOW[name](Image.new("L", picture.shape[1::-1], 255), strength)
            inside = np.asarray(white.convert("RGB")) == 255
            assert inside.mean() > 0.25
            difference = np.abs(ours - theirs)[inside]
            assert difference.mean() < 0.8
            assert np.quantile(difference, 0.98) <= 4


@pytest.mark.parametrize("name", sorted(set(OPERATIONS) - {"autocontrast", "equalize"}))
def test_a_strength_of_nothing_changes_nothing(name, static):
    unchanged = render(static, OPERATIONS[name](0.0, static.shape[:2]))
    assert np.abs(unchanged.astype(int) - static).max() == 0


def test_the_spaces_name_every_operation_that_has_a_strength():
    assert set(RAND) == set(TRIVIAL) == set(OPERATIONS) - {"identity", "autocontrast", "equalize"}
