"""Outliers: a planted cluster of pictures that do not belong, and nothing else."""

import logging
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoo.cleaning import Thresholds
from zoo.cleaning.checks import find
from zoo.cleaning.outliers import tail_score
from zoo.datasets.doodles import TROLL, draw_doodle

from .conftest import draw, images

pytestmark = pytest.mark.fits


def test_pasted_pictures_are_found_and_dropped():
    drawn = draw(300)
    drawn[[7, 100, 250], 4:28, 4:28] = draw_doodle(TROLL, 24)
    found = find(images(drawn), checks=["outlier"])
    assert {"7", "100", "250"} <= {one.origin for one in found}
    assert len(found) <= 6
    assert {one.decision for one in found} == {"drop"}
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)


def test_features_given_decide_instead_of_pixels():
    random = np.random.default_rng(0)
    features = random.normal(size=(120, 8))
    features[33] += 40
    (worst, *_) = find(images(draw(120)), checks=["outlier"], features=features)
    assert worst.origin == "33"


def test_a_higher_threshold_finds_fewer():
    drawn = images(draw(200))
    low, high = (find(drawn, checks=["outlier"], thresholds=Thresholds(outlier=least)) for least in (1, 2))
    assert {one.origin for one in high} < {one.origin for one in low}


def test_among_few_pictures_nothing_is_searched(caplog):
    with caplog.at_level(logging.WARNING):
        assert len(find(images(draw(29)), checks=["outlier"])) == 0
    assert re.search("outliers.*30.*29", caplog.text)


def test_the_score_by_hand():
    values = np.arange(101.0)  # median 50, ninth decile 90
    assert tail_score(values)[[50, 90]].tolist() == [0, 1]
    assert tail_score(np.array([*values, 210.0]))[-1] == pytest.approx((210 - 50.5) / (90.9 - 50.5))


@given(st.lists(st.floats(0, 100), min_size=5, max_size=30), st.floats(0.1, 10), st.floats(-5, 5))
def test_the_score_knows_no_unit(values, factor, shift):
    values = np.array([*values, 0.0, 50.0, 100.0])
    middle, tail = np.quantile(values, [0.5, 0.9])
    if tail - middle > 1e-3:
        np.testing.assert_allclose(tail_score(factor * values + shift), tail_score(values), rtol=1e-3, atol=1e-3)
