"""zoo/cleaning/prepare.py: shares that change nothing are told of."""

import logging

import pytest

from zoo.cleaning.preparation_options import Preparation
from zoo.cleaning.prepare import prepare
from zoo.data import Splits, split


@pytest.fixture
def parts(blobs):
    return split(blobs, validation=0.25, test=0.25)


def _warned(caplog, source, **options):
    caplog.clear()
    with caplog.at_level(logging.WARNING):
        made = prepare(source, Preparation(**options))
    return made, [record.getMessage() for record in caplog.records]


@pytest.mark.parametrize(
    ("own", "options", "words"),
    [
        (("validation", "test"), {"validation": 0.3, "test": 0.1}, "validation = 0.3 (--validation) and test = 0.1"),
        (("validation",), {"validation": 0.1}, "validation = 0.1 (--validation)"),
        (("validation",), {"test": 0.1}, "test = 0.1 (--test)"),
        (("test",), {"test": 0.1}, "test = 0.1 (--test)"),
    ],
)
def test_shares_of_a_source_with_splits_of_its_own_are_told_to_change_nothing(own, options, words, parts, caplog):
    source = Splits(parts.train, **{name: getattr(parts, name) for name in own})
    made, (text,) = _warned(caplog, source, **options)
    assert text.startswith(words)
    assert f"{' and '.join(own)} images of its own" in text
    assert all(getattr(made, name).fingerprint == getattr(parts, name).fingerprint for name in own)


def test_nothing_is_told_of_shares_that_are_held_out_or_were_not_given(parts, caplog):
    assert _warned(caplog, Splits(parts.train), validation=0.3, test=0.2)[1] == []
    assert _warned(caplog, Splits(parts.train, test=parts.test), validation=0.3)[1] == []
    assert _warned(caplog, parts)[1] == []


def test_no_validation_images_is_told_to_be_no_choice(parts, caplog):
    _, (text,) = _warned(caplog, Splits(parts.train), validation=0)
    assert "--validation" in text
    assert "0.2" in text
    assert _warned(caplog, Splits(parts.train, parts.validation))[1] == []
