"""zoo/utils/user_code.py: whose code is whose, and the files that a module is made from."""

import importlib
import json
import os
import sys

import numpy as np

import zoo
from zoo.utils.user_code import file_of, is_users, module_files, users_file


def test_packages_python_and_this_library_are_not_the_users():
    assert not any(map(is_users, (np, zoo, json.dumps, os.path.join, zoo.Recipe, int)))
    assert users_file("numpy") is users_file("zoo.members") is users_file("there.is.none") is None


def test_a_module_counts_with_all_that_it_imports(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    own = tmp_path / "users_own"
    own.mkdir()
    files = {
        "__init__": "",
        "helpers": "import numpy\nfrom . import rates\ndef late():\n    import users_own.later",
        "rates": "from .deeper import RATE",
        "deeper": "RATE = 1",
        "later": "import users_own.helpers",
        "other": "",
    }
    for name, source in files.items():
        (own / f"{name}.py").write_text(source)
    module = importlib.import_module("users_own.helpers")
    before = module_files("users_own.helpers", file_of(module))
    names = ("", ".deeper", ".helpers", ".later", ".rates")
    assert list(before) == [f"users_own{name}" for name in names]
    (own / "deeper.py").write_text("RATE = 2")
    (own / "other.py").write_text("1")
    after = module_files("users_own.helpers", file_of(module))
    assert {name for name in before if before[name] != after[name]} == {"users_own.deeper"}
    for name in [name for name in sys.modules if name.startswith("users_own")]:
        monkeypatch.delitem(sys.modules, name)


def test_a_file_that_is_being_edited_counts_by_its_content(tmp_path):
    (tmp_path / "half.py").write_text("def broken(")
    assert list(module_files("half", tmp_path / "half.py")) == ["half"]
