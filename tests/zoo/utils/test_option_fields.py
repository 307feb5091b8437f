"""zoo/utils/option_fields.py."""

import doctest
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pytest

from zoo.utils import option_fields
from zoo.utils.option_fields import check_options, documented, offered, option


@documented
@dataclass(kw_only=True)
class Baking:
    """How to bake.

    Args:
    {options}
    """

    minutes: int = option(30, help="in the oven.", short="In the oven.", least=1, most=90)
    salt: float = option(0.02, help="share of the flour.", above=0, below=1)
    grain: Literal["wheat", "rye"] = option("wheat", help="what it is made of.")
    yeast: float | None = option(None, help="grams; None for sourdough.", least=0)


def test_examples_run():
    found = doctest.testmod(option_fields)
    assert (found.attempted > 0, found.failed) == (True, 0)


def test_the_docstring_is_made_of_the_helps():
    assert "        minutes: in the oven.\n        salt: share of the flour." in Baking.__doc__


def test_only_what_has_a_short_help_is_offered():
    assert list(offered(Baking)) == ["minutes"]


@pytest.mark.parametrize(
    "good", [{"minutes": 90}, {"minutes": np.int64(1)}, {"salt": np.float32(0.5)}, {"yeast": 0}, {"yeast": None}]
)
def test_values_within_their_limits_pass(good):
    check_options(Baking(**good))


@pytest.mark.parametrize(
    ("wrong", "keywords"),
    [
        ({"minutes": 0}, "minutes.*of 1 or more, up to 90; received 0"),
        ({"minutes": 91}, "minutes"),
        ({"minutes": True}, "minutes"),
        ({"minutes": 1.0}, "minutes"),
        ({"salt": 0}, "salt.*above 0, below 1"),
        ({"salt": 1}, "salt"),
        ({"salt": float("nan")}, "salt.*finite"),
        ({"salt": None}, "salt"),
        ({"grain": "why"}, "grain.*wheat, rye"),
        ({"yeast": -1}, "yeast.*of 0 or more or none"),
    ],
)
def test_others_are_refused(wrong, keywords):
    with pytest.raises(ValueError, match=keywords):
        check_options(Baking(**wrong))
