"""Which flips and turns are left, and what is said of them."""

import numpy as np
import pytest

from zoo.augment import POLICIES, augment, geometry, make_policy
from zoo.augment.batch import draw_steps, moves
from zoo.augment.orientation import FLIPS, restrained
from zoo.augment.steps import Warp

PICTURES = np.random.default_rng(0).integers(0, 256, (12, 16, 16, 3)).astype(np.uint8)


@pytest.mark.parametrize("name", [name for name in POLICIES if name != "none"])
def test_the_policy_s_own_flips_are_the_default(name):
    policy, both = make_policy(name), make_policy(name, flips="both")
    assert "flips" not in policy.identity()
    assert both.identity() == policy.identity() | {"flips": "both"}
    rows = np.arange(12)
    np.testing.assert_array_equal(augment(PICTURES, rows, policy, (1,)), augment(PICTURES, rows, both, (1,)))


@pytest.mark.parametrize("name", ["flips", "standard", "composite", ("rand", "flips"), "trivial"])
@pytest.mark.parametrize(
    ("flips", "mirrors", "overturns"),
    [("none", False, False), ("horizontal", True, False), ("vertical", True, True)],
)
def test_only_the_flips_that_are_named_are_made(name, flips, mirrors, overturns):
    policy = make_policy(name, flips=flips)
    made = moves(policy)
    flipping = name != "trivial"
    assert (made.mirrors, made.overturns) == (mirrors and flipping, overturns and flipping)
    for seed in range(50):
        for step in draw_steps(np.random.default_rng(seed), (16, 16), policy):
            if isinstance(step, Warp) and step in geometry.FLIPS:
                assert step.a == 1 or flips == "horizontal"
                assert step.e == 1 or flips == "vertical"


def test_turns_go_up_to_15_degrees_and_small_ones_stay():
    for angle in (-10.0, 3.0, 14.0):
        (turned,) = restrained([geometry.rotation(angle)], "none")
        assert turned == pytest.approx(geometry.rotation(angle))
    for angle in (40.0, 90.0, 179.0, 180.0, 300.0):
        (turned,) = restrained([geometry.rotation(angle)], "horizontal")
        assert turned.a >= np.cos(np.radians(15.001))
    others = [geometry.shear_x(0.5), geometry.zoom(1.3), geometry.translation(3, 4), geometry.AS_IT_IS]
    assert restrained(others, "none") == others


def test_turns_are_limited_in_sum():
    first, second = geometry.rotation(10.0), geometry.rotation(-12.0)
    assert restrained([first, first, second, geometry.shear_x(0.9)], "none") == [
        pytest.approx(first),
        pytest.approx(second),
    ]
    for flips in ("none", "horizontal", "vertical"):
        for names in ("rand", "trivial", "composite", "robust", ["rand", "standard", "trivial"]):
            assert moves(make_policy(names, flips=flips)).turn <= 15.001


def test_what_policies_do_is_said():
    assert (
        str(moves(make_policy("composite"))) == "mirrors images and turns them upside down and turns them by any angle"
    )
    assert str(moves(make_policy("flips"))) == "mirrors images and turns them upside down"
    assert str(moves(make_policy("none"))) == "neither mirrors nor turns images"
    assert "up to" in str(moves(make_policy("rand")))
    assert not moves(make_policy("rand")).mirrors


def test_an_unknown_word_is_refused():
    with pytest.raises(ValueError, match=r"horizontal.*'horizontel'"):
        make_policy("flips", flips="horizontel")
    assert FLIPS[0] == "policy"
