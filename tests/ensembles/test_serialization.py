"""ensembles/serialization.py: rules on disk, as JSON and arrays."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from ensembles import (
    RULES,
    Calibrated,
    NotFittedError,
    Soft,
    Stacked,
    Temperature,
    Weighted,
    from_dict,
    load,
    make_rule,
    save,
    to_dict,
)


@pytest.mark.parametrize("name", RULES)
def test_a_rule_comes_back_to_the_last_bit(problem: Callable, quick: Callable, name: str, tmp_path: Path) -> None:
    logits, labels = problem()
    rule = Calibrated(rule=quick(name), members="vector").fit(logits, labels)
    save(rule, tmp_path / "rule")
    np.testing.assert_array_equal(load(tmp_path / "rule").combine(logits), rule.combine(logits))


def test_arrays_are_npy_without_pickle(problem: Callable, tmp_path: Path) -> None:
    rule = Stacked(strength=1.0).fit(*problem())
    save(rule, tmp_path)
    written = json.loads((tmp_path / "rule.json").read_text())["learned"]["maps_"]["options"]["affine"]
    kernel = np.load(tmp_path / written[0][0]["array"], allow_pickle=False)
    np.testing.assert_array_equal(kernel, rule.coef_)


def test_what_is_missing_or_was_not_fitted_is_told(problem: Callable, tmp_path: Path) -> None:
    with pytest.raises(NotFittedError, match="Soft"):
        save(Soft(), tmp_path / "never")
    assert not (tmp_path / "never").exists()
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "nothing")
    save(make_rule("soft").fit(*problem()), tmp_path)
    (array,) = tmp_path.glob("weights_.*.npy")
    np.save(array, np.ones(2))
    with pytest.raises(ValueError, match="changed"):
        load(tmp_path)
    array.write_bytes(b"no array")
    with pytest.raises(ValueError, match="damaged"):
        load(tmp_path)
    with pytest.raises(TypeError, match="rule"):
        save(Temperature().fit(problem()[0][0], problem()[1]), tmp_path)


def test_a_rule_takes_the_place_of_an_earlier_one(problem: Callable, tmp_path: Path) -> None:
    (tmp_path / "mine.npy").touch()
    for skills in ((2.0, 1.0), (1.0, 2.0)):
        save(Stacked(strength=1.0).fit(*problem(skills=skills)), tmp_path)
    assert len(list(tmp_path.glob("*.npy"))) == 3  # kernel, bias, and another's


def test_what_is_written_is_json_of_any_parser(problem: Callable, tmp_path: Path) -> None:
    rule = Weighted().fit(*problem(skills=(1.0, 1.0), samples=20))
    rule.shrinkage_ = np.inf
    text = json.dumps(to_dict(rule), allow_nan=False)
    assert from_dict(json.loads(text)).shrinkage_ == np.inf


@pytest.mark.parametrize(
    ("broken", "text"),
    [
        ({"options": {"sharpness": 1}}, "sharpness"),
        ({"learned": {}}, "learned"),
        (
            {"learned": {"weights_": {"array": [np.nan] * 3, "dtype": "<f8"}, "shape_": [3, 3]}},
            "finite",
        ),
    ],
)
def test_a_description_of_no_rule_is_told(problem: Callable, broken: dict, text: str) -> None:
    described = to_dict(make_rule("soft").fit(*problem()))
    with pytest.raises(ValueError, match=text):
        from_dict(described | broken)
