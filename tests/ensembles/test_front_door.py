"""ensembles/__init__.py: names, serialisation, and what importing it loads."""

import json
import subprocess
import sys
from collections.abc import Callable

import numpy as np
import pytest

import ensembles
from ensembles import RULES, Calibrated, Rule, diversity, from_dict, make_rule, out_of_fold, to_dict


def test_every_name_makes_a_rule_that_knows_it() -> None:
    assert RULES == ("soft", "hard", "best", "weighted", "greedy", "stacked", "auto")
    for name in RULES:
        rule = make_rule(name)
        assert isinstance(rule, Rule)
        assert rule.name == name


def test_options_reach_the_constructor() -> None:
    assert make_rule("stacked", strength=3.0).strength == 3.0


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("wieghted", "stacked.*wieghted.*mean 'weighted'"),
        ("xyz", r"xyz((?!mean).)*$"),
    ],
)
def test_unknown_names_are_errors(name: str, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        make_rule(name)


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize("classes", [2, 3])
def test_json_round_trip_is_exact(problem: Callable, name: str, classes: int) -> None:
    logits, labels = problem(classes=classes)
    rule = make_rule(name).fit(logits, labels)
    back = from_dict(json.loads(json.dumps(to_dict(rule))))
    assert type(back) is type(rule)
    assert to_dict(back) == to_dict(rule)
    np.testing.assert_array_equal(back.combine(logits), rule.combine(logits))


def test_options_survive_the_round_trip(problem: Callable) -> None:
    rule = make_rule("stacked", strength=2.0, seed=7).fit(*problem())
    back = from_dict(to_dict(rule))
    assert (back.strength, back.seed, back.strength_) == (2.0, 7, 2.0)


def test_broken_dicts_are_errors(problem: Callable) -> None:
    saved = to_dict(make_rule("weighted", shrinkage=0.0).fit(*problem()))
    with pytest.raises(ValueError, match=r"soft.*bayes"):
        from_dict(saved | {"name": "bayes"})
    with pytest.raises(ValueError, match=r"to_dict.*name"):
        from_dict({})
    weights = {"array": [1.0], "dtype": "<f8"}
    with pytest.raises(ValueError, match="3 members and 3 classes"):
        from_dict(saved | {"learned": saved["learned"] | {"weights_": weights}})


def test_importing_loads_no_heavy_library() -> None:
    heavy = "{'keras', 'tensorflow', 'sklearn', 'scipy', 'zoo'}"
    code = f"import sys, ensembles; loaded = {heavy} & set(sys.modules); assert not loaded, loaded"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ensembles.__path__[0] + "/..")


def test_every_public_name_exists_and_is_documented() -> None:
    for name in ensembles.__all__:
        assert getattr(ensembles, name).__doc__


@pytest.mark.parametrize(
    ("name", "option", "text"),
    [
        ("hard", "over", "hard.*over"),
        ("stacked", "strenght", "strenght.*mean 'strength'"),
    ],
)
def test_an_option_that_a_rule_does_not_have_is_told(name: str, option: str, text: str) -> None:
    with pytest.raises(TypeError, match=text):
        make_rule(name, **{option: 1})


@pytest.mark.parametrize("use", [out_of_fold, diversity.removal, lambda rule, *rows: Calibrated(rule=rule).fit(*rows)])
def test_a_name_is_no_rule(problem: Callable, use: Callable) -> None:
    with pytest.raises(TypeError, match=r"make_rule\('soft'\)"):
        use("soft", *problem())
