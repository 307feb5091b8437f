"""ensembles/saved.py: rules on disk, as JSON and arrays."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from ensembles import RULES, Calibrated, NotFittedError, Soft, Stacked, load, make_rule, save


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
    with pytest.raises(NotFittedError, match="expected a fitted Soft"):
        save(Soft(), tmp_path / "never")
    assert not (tmp_path / "never").exists()
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "nothing")
    save(make_rule("soft").fit(*problem()), tmp_path)
    np.save(tmp_path / "weights_.npy", np.ones(2))
    with pytest.raises(ValueError, match="expected arrays that fit 3 members and 3 classes"):
        load(tmp_path)
