"""Colour casts: filtered pictures are found, whatever is on them, and the note says how they are filtered."""

import logging

import numpy as np
import pytest

from zoo.cleaning.checks import find

from .conftest import draw, images


def _filtered(drawn, rows, light):
    drawn[rows] = np.clip(drawn[rows] * np.array(light), 0, 255).round()
    return images(drawn)


@pytest.mark.parametrize(
    ("light", "note"),
    [
        ((0.82, 0.89, 1.0), "red -8 %, blue +12 %"),
        ((1.0, 0.85, 0.8), "red +18 %, blue -6 %"),
        ((0.9, 1.0, 0.9), "red -10 %, blue -10 %"),
    ],
)
def test_filtered_pictures_are_found_and_no_others(light, note):
    found = find(_filtered(draw(200), [3, 50, 51], light), checks=["cast"])
    assert {one.origin for one in found} == {"3", "50", "51"}
    assert {one.decision for one in found} == {"keep"}
    assert {one.note for one in found} == {note}


def test_brightness_and_what_is_on_the_picture_are_no_cast():
    drawn = draw(200)
    drawn[20:40] = drawn[20:40] * 0.7
    assert len(find(images(drawn), checks=["cast"])) == 0


def test_pictures_with_one_and_the_same_white_are_no_obstacle():
    drawn = draw(60)
    drawn[drawn.min(axis=-1) > 200] = 235
    assert len(find(images(drawn), checks=["cast"])) == 0


def test_copies_do_not_decide_what_is_usual():
    drawn = draw(100)
    blue = np.repeat((drawn[:1] * np.array([0.8, 0.85, 1.0])).astype(np.uint8), 150, axis=0)
    found = find(images(np.concatenate([drawn, blue])), checks=["cast"])
    assert {int(one.origin) for one in found} == set(range(100, 250))


def test_among_few_pictures_nothing_is_searched(caplog):
    with caplog.at_level(logging.WARNING):
        assert len(find(images(draw(12)), checks=["cast"])) == 0
    assert "cast" in caplog.text
