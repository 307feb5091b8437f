"""The kinds of sources that images come from: a module of this package for each, with a ``SOURCE``.

To add one, add its file: fit, evaluate and predict read it then.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from zoo.data.source import SourceKind

SOURCES: tuple[SourceKind, ...] = tuple(
    import_module(f"{__name__}.{module.name}").SOURCE for module in iter_modules(__path__)
)


def kind_of(source: Any) -> SourceKind | None:
    """Recognise a source; None for anything else."""
    return next((kind for kind in SOURCES if kind.accepts(source)), None)
