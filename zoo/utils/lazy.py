"""Front doors that load what they offer when it is first used."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def lazy(package: str, homes: Mapping[str, str]) -> Callable[[str], Any]:
    """Make a package's ``__getattr__`` (PEP 562), so that importing one light module of it loads none of the others.

    Args:
        package: its name.
        homes: the module that each public name is defined in.
    """

    def find(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}; public names: {', '.join(homes)}")
        return getattr(import_module(homes[name]), name)

    return find
