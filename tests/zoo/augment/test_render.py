"""Fused steps, against the same steps one at a time."""

from functools import partial

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from zoo.augment import filters, geometry, lookup_tables
from zoo.augment.batch import render
from zoo.augment.steps import Adaptive, Filter, Table

PICTURE = np.random.default_rng(1).integers(20, 200, (17, 23, 3), dtype=np.uint8)

factors = st.floats(0, 2)
table_steps = st.one_of(
    st.builds(lambda factor: Table(lookup_tables.brightness(factor)), factors),
    st.builds(lambda threshold: Table(lookup_tables.solarize(threshold)), st.integers(0, 256)),
    st.builds(lambda red, blue: Table(lookup_tables.gains(np.array([red, 1, blue]))), factors, factors),
    st.builds(lambda factor: Adaptive(partial(lookup_tables.contrast, factor=factor)), factors),
    st.just(Adaptive(lookup_tables.autocontrast)),
    st.just(Adaptive(lookup_tables.equalize)),
)
filter_steps = st.builds(lambda factor: Filter(partial(filters.color, factor=factor)), factors)
flips = st.sampled_from(geometry.FLIPS)


def _one_at_a_time(picture, steps):
    for step in steps:
        picture = render(picture, [step])
    return picture


@settings(deadline=None)
@given(st.lists(st.one_of(table_steps, filter_steps, flips), max_size=7))
def test_fused_steps_give_the_same_pixels_as_one_at_a_time(steps):
    np.testing.assert_array_equal(render(PICTURE, steps), _one_at_a_time(PICTURE, steps))


def test_fused_moves_interpolate_once(cell):
    there, back = geometry.rotation(33), geometry.rotation(-33)
    assert np.abs(render(cell, [there, back]).astype(int) - cell).max() <= 1
    assert np.abs(_one_at_a_time(cell, [there, back]).astype(int) - cell).max() > 10


def test_a_move_and_a_table_come_out_alike_in_either_order(cell):
    steps = [geometry.rotation(20), Table(lookup_tables.brightness(0.7))]
    difference = render(cell, steps).astype(int) - _one_at_a_time(cell, steps[::-1])
    assert np.abs(difference).max() <= 2
    np.testing.assert_array_equal(render(cell, steps), render(cell, steps[::-1]))


def test_adaptive_steps_see_what_the_earlier_steps_left(cell):
    halved = Table(lookup_tables.brightness(0.5))
    stretched = Adaptive(lookup_tables.autocontrast)
    assert render(cell, [stretched, halved]).max() == 127
    assert render(cell, [halved, stretched]).max() == 255


def test_without_steps_the_picture_itself_comes_back():
    assert render(PICTURE, []) is PICTURE
    assert render(PICTURE, [geometry.FLIPS[1], geometry.FLIPS[1]]) is PICTURE
