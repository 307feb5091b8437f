"""Sizes, numbers and counts as people write and read them."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoo.utils.text import as_size, count_of, listed, natural, suggestion


@pytest.mark.parametrize(
    ("written", "size"),
    [(None, None), (96, (96, 96)), ((64, 96), (64, 96)), ([64, 96], (64, 96)), (np.int64(96), (96, 96))],
)
def test_a_side_or_a_pair_is_read(written, size):
    assert as_size(written) == size


def test_sides_are_plain_integers():
    assert all(type(side) is int for side in as_size((np.int32(4), np.uint8(5))))


@pytest.mark.parametrize("written", [0, -1, 64.0, True, "64", (64,), (64, 64, 3), (64, 0), (64, 64.5), (), {64, 96}])
def test_anything_else_is_refused(written):
    with pytest.raises(ValueError, match=rf"image_size.*{re.escape(repr(written))}"):
        as_size(written, "image_size")


def as_parts(text):
    """Natural order as lists of texts and numbers."""
    parts = re.split("([0-9]+)", text)
    return [(int(part), "") if number % 2 else (-1, part) for number, part in enumerate(parts)], text


@given(st.lists(st.text(st.sampled_from("a0159 ./_é-"), max_size=8), max_size=12))
def test_natural_order_is_that_of_texts_and_numbers_by_turns(texts):
    assert sorted(texts, key=natural) == sorted(texts, key=as_parts)


def test_numbers_of_many_digits_are_in_order():
    numbers = [f"x{10**digits}.png" for digits in range(200)]
    assert sorted({*numbers}, key=natural) == numbers


@pytest.mark.parametrize(("count", "told"), [(0, "0 images"), (1, "1 image"), (1712, "1,712 images")])
def test_one_thing_has_no_plural(count, told):
    assert count_of(count, "image") == told


def test_long_lists_say_how_many_more_there_are():
    assert listed("abc", 3) == "a, b, c"
    assert listed(iter("abcdefg")) == "a, b, c, d, e and 2 more"


@pytest.mark.parametrize(
    ("word", "known", "told"),
    [
        ("cta", ("cat", "dog"), "mean 'cat'"),
        ("nv", ("NV", "MEL"), "mean 'NV'"),
        ("Label", ("label", "LABEL"), "mean 'LABEL' or 'label'"),
        ("bird", ("cat", "dog"), "Known: cat, dog"),
        ("cat", ("cat", "dog"), "Known: cat, dog"),
    ],
)
def test_the_known_word_is_suggested_in_whatever_case_and_never_the_word_itself(word, known, told):
    assert told in suggestion(word, known)
