"""ensembles/registry.py: a rule is its file; names, saved files, layers and messages follow from it."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import ensembles
from ensembles.registry import make_rule, register, rule_classes, saved_classes
from ensembles.rules.soft import Soft

NEW_RULE = """
from dataclasses import dataclass, field
import numpy as np
from ensembles.registry import register
from ensembles.rule import check_rows, check_same_members

@register()
@dataclass(kw_only=True, eq=False)
class Median:
    name = "median"
    shift: float = 0.0
    shape_: tuple = field(init=False, repr=False)

    def fit(self, logits, labels):
        logits, _ = check_rows(logits, labels)
        self.shape_ = (logits.shape[0], logits.shape[2])
        return self

    def combine(self, logits):
        return (np.median(check_same_members(self, logits), axis=0) + self.shift).astype(np.float32)
"""

USE = """
import numpy as np
import ensembles
assert {"median", "soft", "auto"} <= set(ensembles.RULES), ensembles.RULES
logits, labels = np.random.default_rng(0).normal(size=(3, 40, 2)), np.arange(40) % 2
rule = ensembles.make_rule("median", shift=1.0).fit(logits, labels)
again = ensembles.from_dict(ensembles.to_dict(rule))
assert (again.combine(logits) == rule.combine(logits)).all()
ensembles.Auto(rules=("median",)).fit(logits, labels)
"""


@pytest.mark.fits
def test_one_file_adds_a_rule(tmp_path: Path) -> None:
    shutil.copytree(ensembles.__path__[0], tmp_path / "ensembles", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "ensembles" / "rules" / "median.py").write_text(NEW_RULE)
    done = subprocess.run([sys.executable, "-c", USE], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_every_file_of_rules_registers_one() -> None:
    files = {path.stem for path in Path(ensembles.rules.__path__[0]).glob("*.py")} - {"__init__"}
    assert files == set(rule_classes()) == set(ensembles.RULES)


def test_saved_rules_may_contain_rules_and_their_parts() -> None:
    names = list(saved_classes())
    assert tuple(names[: len(ensembles.RULES)]) == ensembles.RULES
    assert set(names) == {*ensembles.RULES, "maps", "temperature", "vector", "calibrated"}


def test_a_name_that_is_taken_is_refused() -> None:
    class Other:
        name = "soft"

    with pytest.raises(ValueError, match=r"received 'soft'.*Choose another"):
        register()(Other)
    assert type(make_rule("soft")) is Soft


def test_a_decorator_without_its_brackets_is_refused() -> None:
    class Other:
        name = "other"

    with pytest.raises(TypeError, match=r"@register\(\)"):
        register(Other)  # type: ignore[arg-type]
    assert "other" not in rule_classes()


@pytest.mark.parametrize("name", ["AUTO", "Weighted", "stackd"])
def test_the_nearest_rule_is_suggested_in_whatever_case(name: str) -> None:
    with pytest.raises(ValueError, match=r"mean '(auto|weighted|stacked)'"):
        make_rule(name)
