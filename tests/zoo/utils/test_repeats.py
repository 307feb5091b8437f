"""zoo/utils/text.py: one backbone several times."""

import doctest

import pytest

from zoo.config import Config
from zoo.utils import text
from zoo.utils.text import repeat


def test_examples_run():
    found = doctest.testmod(text)
    assert (found.attempted > 0, found.failed) == (True, 0)


def test_what_is_no_name_stays():
    table = {"backbone": "simple_cnn"}
    assert repeat([table, "simple_cnn  x1"]) == [table, "simple_cnn"]


def test_no_times_is_an_error():
    with pytest.raises(ValueError, match="'simple_cnn x0'"):
        repeat(["simple_cnn x0"])


def test_a_file_may_say_so_and_seeds_differ():
    plans = Config(members=("simple_cnn x3",), seed=4).plans()
    assert [(plan.backbone, plan.seed) for plan in plans] == [("simple_cnn", seed) for seed in (4, 5, 6)]
