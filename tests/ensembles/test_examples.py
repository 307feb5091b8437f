"""Examples in docstrings run, and whoever is new finds one wherever it helps."""

import doctest
import importlib
import pkgutil
from types import ModuleType

import pytest

import ensembles

MODULES = ["ensembles", *(found.name for found in pkgutil.walk_packages(ensembles.__path__, "ensembles."))]
WITHOUT = {"Rule", "NotFittedError", "RULES", "CrossFitted", "Abstention", "save", "load"}  # shown with others


@pytest.mark.parametrize("name", MODULES)
def test_examples_run(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0


@pytest.mark.parametrize("name", sorted(set(ensembles.__all__) - WITHOUT))
def test_public_names_have_an_example(name: str) -> None:
    thing = getattr(ensembles, name)
    shown = vars(thing).values() if isinstance(thing, ModuleType) else [thing]
    assert any(">>>" in (getattr(one, "__doc__", None) or "") for one in shown)
