"""The one value that says how pixels are read: checked, written and read again."""

import json

import pytest

from zoo.data.pictures.pixel_reading import PLAIN, as_reading, reading_from


def test_the_default_is_plain_and_old_runs_have_it():
    assert as_reading() == reading_from(None) == PLAIN
    assert PLAIN.is_plain


@pytest.mark.parametrize(
    ("background", "colour"), [("white", (255, 255, 255)), ("#0a141e", (10, 20, 30)), ((1, 2, 3), (1, 2, 3))]
)
def test_it_is_plain_json_and_comes_back(background, colour):
    reading = as_reading(background=background, depth_range=(-5, 4095), fit="pad")
    assert reading.background == colour
    assert not reading.is_plain
    assert reading_from(json.loads(json.dumps(reading.as_dict()))) == reading


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ({"fit": "padd"}, "pad"),
        ({"background": "whitish"}, "background"),
        ({"background": (0, 0, 256)}, "255"),
        ({"background": (0, 0)}, "background"),
        ({"depth_range": (5, 5)}, "low below high"),
        ({"depth_range": (0, float("nan"))}, "depth_range"),
        ({"depth_range": (0, 1, 2)}, "--depth-range"),
        ({"depth_range": "0,5"}, "low below high.*'0,5'"),
        ({"depth_range": 5}, "low below high"),
        ({"depth_range": (0, "five")}, "low below high"),
    ],
)
def test_others_are_refused(given, word):
    with pytest.raises(ValueError, match=word):
        as_reading(**given)
