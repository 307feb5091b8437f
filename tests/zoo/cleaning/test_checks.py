"""All checks in one call: what each finding says, and what is refused."""

import logging

import numpy as np
import pytest

from zoo.cleaning import CHECKS, Thresholds
from zoo.cleaning.checks import find
from zoo.data import digests

from .conftest import draw, images


@pytest.fixture(scope="module")
def faulty():
    """Pictures of which one comes twice and one is blue."""
    drawn = draw(120)
    drawn[60] = (drawn[60] * np.array([0.7, 0.8, 1.0])).astype(np.uint8)
    return images(np.concatenate([drawn, drawn[3:4]]))


def test_a_finding_tells_where_what_and_why(faulty):
    first = find(faulty, checks=["exact"]).found[0]
    assert (first.split, first.row, first.origin, first.label) == ("train", 3, "3", "red")
    assert (first.score, first.decision, first.group) == (2, "keep", 0)
    assert (first.partner, first.partner_split, first.partner_row) == ("120", "train", 120)
    assert first.digest == digests(faulty)[3].hex()


@pytest.mark.slow
def test_all_checks_are_made_in_their_order_and_repeat_themselves(faulty, caplog):
    before = faulty.pixels.copy()
    with caplog.at_level(logging.INFO):
        found = find(faulty)
    assert find(faulty).found == found.found
    np.testing.assert_array_equal(faulty.pixels, before)
    assert found.checks == tuple(check for check in CHECKS if check != "group")
    assert {"exact", "cast"} <= {one.check for one in found}
    assert [one.check for one in found] == sorted((one.check for one in found), key=CHECKS.index)
    said = caplog.text.lower()
    assert [
        stage for stage in ("copies", "8 of 8", "casts", "outliers", "labels", "forests") if stage not in said
    ] == []


def test_only_what_is_asked_for_is_made(faulty):
    found = find(faulty, checks=["cast", "exact"])
    assert found.checks == ("exact", "cast")
    assert set(found.counts) == {"exact", "cast"}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"checks": ["outliers"]}, "'outliers'.*mean 'outlier'"),
        ({"checks": "exact"}, "list.*'exact'"),
        ({"features": np.zeros((5, 2))}, r"features.*\(5, 2\)"),
        ({"features": np.full((121, 2), np.nan)}, "features.*finite"),
        ({"features": np.zeros((121, 2)), "checks": ["cast"]}, "'outlier' or 'label'.*--features.*cast"),
        ({"cleanlab": True, "checks": ["exact", "outlier"]}, "'label'.*--cleanlab.*exact, outlier"),
    ],
)
def test_mistakes_are_errors(faulty, options, message):
    with pytest.raises(ValueError, match=message):
        find(faulty, **options)


@pytest.mark.parametrize(
    ("options", "message"),
    [({"similarity": 1.1}, "similarity.*1.1"), ({"cast": 0}, "cast")],
)
def test_thresholds_are_checked(options, message):
    with pytest.raises(ValueError, match=message):
        Thresholds(**options)
