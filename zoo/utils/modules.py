"""A user's own modules."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path


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
