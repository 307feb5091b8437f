"""The formats that an ensemble can be written in: a module of this package for each, with a ``FORMAT``.

To add one, add its file. Its module is imported when the format is used.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoo.export.format import Format

DEFAULT = "saved_model"
NAMES = (DEFAULT, *sorted({module.name for module in iter_modules(__path__)} - {DEFAULT}))
"""The formats' names, the usual one first."""


def check_path(path: Path, name: str) -> None:
    """Check that a path does not have the suffix of another format.

    Raises:
        ValueError: it has.
    """
    suffix = path.suffix.lower()
    meant = next((known for known in NAMES if suffix and format_of(known).suffix == suffix), name)
    if meant != name and not path.is_dir():
        raise ValueError(
            f"Expected a path for format={name!r}; received {path.name!r}, a file of {meant!r}. "
            f"Pass format={meant!r} (zoo: --format {meant}), or another path."
        )


def format_of(name: str) -> Format:
    """Find a format by its name.

    Raises:
        ValueError: there is none of that name.
    """
    if name not in NAMES:
        raise ValueError(f"Expected format as one of {', '.join(NAMES)}; received {name!r}.")
    found: Format = import_module(f"{__name__}.{name}").FORMAT
    return found
