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
from zoo.utils.code_fingerprint import CodeReader, UnknownContentError

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


CONFIG = "@dataclasses.dataclass\nclass Config:\n    width: int = {a}\nvalue = Config({b})"
FACTORY = "@dataclasses.dataclass\nclass value:\n    own: int = dataclasses.field(default_factory=lambda: {a})"
KINDS = {
    "context manager": "@contextlib.contextmanager\ndef inner():\n    yield {a}\ndef value():\n    return inner()",
    "cached function": "@functools.lru_cache\ndef inner():\n    return {a}\ndef value():\n    return inner()",
    "decorated": (
        "def twice(own):\n    return functools.wraps(own)(lambda: {b} * own())\n@twice\ndef value():\n    return {a}"
    ),
    "dispatched": "@functools.singledispatch\ndef value(x): ...\n@value.register\ndef _(x: int):\n    return {a}",
    "cached property": "class value:\n    @functools.cached_property\n    def own(self):\n        return {a}",
    "partial method": "class value:\n    def own(self, x): ...\n    one = functools.partialmethod(own, {a})",
    "setter": "class value:\n    own = property(lambda self: 1, lambda self, x: {a})",
    "class with slots": "class value:\n    __slots__ = ('own',)\n    def __init__(self):\n        self.own = {a}",
    "object with slots": "class Own:\n    __slots__ = ('own',)\nvalue = Own()\nvalue.own = {a}",
    "object": "class Own: ...\nvalue = Own()\nvalue.own = {a}",
    "dataclass": CONFIG,
    "default factory": FACTORY,
    "enum": "class Own(enum.Enum):\n    A = {a}\nvalue = Own.A",
    "enum's class": "class value(enum.Enum):\n    A = {a}\n    def own(self):\n        return {b}",
    "list of the user's": "class Own(list):\n    def own(self):\n        return {a}\nvalue = Own()",
    "array of objects": "value = np.array([{a}, None], object)",
    "namespace": "value = types.SimpleNamespace(own={a})",
    "pattern": "value = re.compile('x' * 300 + '{a}')",
    "number or text": "value = 1.0 if {a} == 1 else '1.0'",
    "arguments": "def value({a_or_stars}own): ...",
    "base of a class": "class Base:\n    own = {a}\nclass Own(Base): ...\ndef value():\n    return Own()",
    "handler": "def value():\n    try:\n        a = {a}\n    except ValueError:\n        a = {b}",
}
IMPORTS = "import collections, contextlib, dataclasses, enum, functools, re, types\nimport numpy as np\n"


def _kind(source, a, b):
    """A value of some source of a notebook."""
    module = types.ModuleType("__main__")
    stars = {1: "", 2: "*"}[a]
    exec(IMPORTS + source.replace("{a_or_stars}", stars).replace("{a}", str(a)).replace("{b}", str(b)), module.__dict__)
    return module.value


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_code_counts(kind, strict):
    def told(a, b=1):
        return json.dumps(CodeReader(strict).content(_kind(KINDS[kind], a, b)))

    assert told(1) == told(1)
    assert told(1) != told(2)
    assert (told(1) != told(1, 2)) == ("{b}" in KINDS[kind])


def test_functions_that_tensorflow_wraps_count():
    tf = pytest.importorskip("tensorflow")

    def told(number):
        def own():
            return number

        wrapped = (tf.function(own), tf.autograph.experimental.do_not_convert(own))
        return [json.dumps(CodeReader().content(one)) for one in wrapped]

    assert told(1) == told(1)
    assert not set(told(1)) & set(told(2))


def test_helpers_that_use_each_other_are_read_once():
    source = "\n".join(f"def f{n}():\n    return {', '.join(f'f{m}' for m in range(40))}" for n in range(40))
    module = types.ModuleType("__main__")
    exec(source, module.__dict__)
    assert len(json.dumps(CodeReader().content(module.f0))) < 200_000


def test_what_a_function_imports_counts(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    module = types.ModuleType("__main__")
    exec("def value():\n    from a_users_package import parts\n    return parts", module.__dict__)
    (tmp_path / "a_users_package").mkdir()
    (tmp_path / "a_users_package" / "__init__.py").write_text("")
    told = []
    for content in ("A = 1", "A = 2"):
        (tmp_path / "a_users_package" / "parts.py").write_text(content)
        told.append(CodeReader().content(module.value))
    assert told[0] != told[1]


def test_packages_and_this_library_count_by_name():
    assert CodeReader().content(np) == ["module", "numpy", {}]
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
