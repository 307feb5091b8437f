"""Modules that are imported late: those of a user, of extras, and those behind a front door."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any


def import_modules(names: Iterable[str]) -> None:
    """Import a user's modules, from the working folder first, so that the backbones that they register are known.

    Raises:
        ValueError: a module that is not there, or fails while it is imported.
    """
    for name in names:
        if (folder := str(Path.cwd())) not in sys.path:
            sys.path.insert(0, folder)
        try:
            import_module(name)
        except Exception as error:
            reason = f"{name!r} failed: {type(error).__name__}: {error}"
            raise ValueError(f"Expected a module that can be imported from {folder}; {reason}") from error


def check_installed(modules: Iterable[str], extra: str, what: str) -> None:
    """Check that modules of an extra are there, without importing them.

    Args:
        modules: to import.
        extra: of this library.
        what: they are needed to do.

    Raises:
        ImportError: one is not.
    """
    missing = [module for module in modules if find_spec(module) is None]
    if missing:
        raise ImportError(
            f"Expected {', '.join(missing)} to {what}; it is not installed. "
            f"Install it: pip install 'ensemble-zoo[{extra}]'."
        )


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
