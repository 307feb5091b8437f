"""docs/ensembles.md: its code runs, and does what the page says."""

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from ensembles import RULES

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "ensembles.md").read_text()


def test_the_code_runs(problem: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    logits, labels = problem(skills=(-4.0, 2.0, 2.0), samples=300)
    np.save("logits.npy", logits)
    np.save("labels.npy", labels)
    names: dict = {}
    for block in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL):
        exec(block, names)
    assert (tmp_path / "rule" / "rule.json").is_file()
    assert names["sets"].shape == (300, 3)


def test_the_table_has_every_rule() -> None:
    assert tuple(re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE)) == RULES
