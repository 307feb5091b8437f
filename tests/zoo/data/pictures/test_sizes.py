"""One size for many: the usual one, and no larger than backbones make use of."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoo.data.pictures.sizes import MOST_PIXELS, choose_size

PHOTOS = [(400 + 17 * number, 600 - 11 * number) for number in range(12)]


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ([(96, 96)] * 3, (96, 96)),
        ([(256, 256)], (256, 256)),
        ([(20, 30), (20, 31), (20, 30), (22, 30)], (20, 30)),
        ([(1024, 768)] * 57, (296, 222)),
        ([(2, 4000)] * 2, (2, 4000)),
        ([(480, 640)] * 5 + [(640, 480)] * 4, (222, 296)),
    ],
)
def test_the_commonest_size_no_larger_than_suits_backbones(sizes, expected):
    assert choose_size(sizes, None, "squash") == expected


@pytest.mark.parametrize("odd", [[(120, 2400)], [(24, 24), (24, 24)], [(24, 24)] * 5])
def test_a_few_odd_ones_do_not_choose_for_all(odd):
    height, width = choose_size([*odd, *PHOTOS], None, "squash")
    assert 200 < height < 300
    assert 200 < width < 330


@given(st.lists(st.tuples(st.integers(1, 3000), st.integers(1, 3000)), min_size=1))
def test_any_sizes_have_one_that_is_bounded(sizes):
    height, width = choose_size(sizes, None, "squash")
    assert height * width <= max(MOST_PIXELS * 1.1, 3000)
    if len(set(sizes)) == 1 and sizes[0][0] * sizes[0][1] <= MOST_PIXELS:
        assert (height, width) == sizes[0]


def test_the_choice_is_said_with_the_options_that_change_it(caplog):
    choose_size(PHOTOS, None, "pad")
    assert len(caplog.records) == 1
    assert re.search(r"12 of 12.*median.*'pad'.*--image-size.*--fit", caplog.text)


def test_a_size_that_was_given_is_taken_whatever_it_is():
    assert choose_size(PHOTOS, (2000, 3), "squash") == (2000, 3)
