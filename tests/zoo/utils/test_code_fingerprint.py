"""zoo/utils/code_fingerprint.py: what changes the code of a user's changes its description, and nothing else does."""

import json
import os
import subprocess
import sys
import types
from pathlib import Path

import numpy as np
import pytest

import zoo
from zoo.utils.code_fingerprint import CodeReader, UnknownContentError, is_users

LIMITED = """
LIMIT = {limit}

def inner(values):
    return max(values) {sign} LIMIT

class Base:
    def shape(self):
        return {limit}

class Own(Base):
    def call(self, values):
        return inner(values)

def outer(values):
    return any(value > LIMIT for value in values)

def counting(values):
    return (lambda: len(values) + LIMIT)()
"""


def _module(**given):
    """A module as of a notebook: without a file."""
    module = types.ModuleType("__main__")
    exec(LIMITED.format(**({"limit": 1, "sign": ">"} | given)), module.__dict__)
    return module


@pytest.mark.parametrize("name", ["inner", "outer", "counting", "Own"])
@pytest.mark.parametrize("strict", [True, False])
def test_what_code_refers_to_counts_however_deep(name, strict):
    """In comprehensions, lambdas, helpers and base classes."""
    reader = CodeReader(strict)

    def told(**given):
        value = getattr(_module(**given), name)
        return json.dumps(reader.code_of_class(value) if name == "Own" else reader.content(value))

    assert told() == told()
    assert told() != told(limit=2)
    assert (told() != told(sign="<")) == (name in ("inner", "Own"))


def test_a_users_module_counts_by_its_file(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "a_users_helper.py").write_text("def limit():\n    return 1\n")
    import a_users_helper

    told = [CodeReader().content(a_users_helper)]
    (tmp_path / "a_users_helper.py").write_text("def limit():\n    return 100\n")
    told.append(CodeReader().content(a_users_helper))
    assert told[0] != told[1]
    assert CodeReader().content(np) == ["module", "numpy"]


def test_packages_and_this_library_count_by_name():
    assert not any(map(is_users, (np, zoo, json.dumps, zoo.Recipe, int)))
    assert CodeReader().content(json.dumps) == ["json", "dumps"]


def test_sets_are_alike_in_every_process():
    script = (
        "from zoo.utils.code_fingerprint import CodeReader\n"
        "def stops(name): return name in {'val_loss', 'loss', 'accuracy', 'a', 'b'}\n"
        "print(CodeReader().content([stops, {'x', 'y', 'z'}]))"
    )
    environment = os.environ | {"PYTHONPATH": str(Path(zoo.__file__).parents[1])}
    told = {
        subprocess.run(
            [sys.executable, "-c", script],
            env=environment | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(told) == 1


def test_what_has_no_content_is_an_error_or_counts_by_its_type():
    with pytest.raises(UnknownContentError):
        CodeReader().content([object()])
    assert CodeReader(strict=False).content([object()]) == ["list", ["builtins", "object"]]
