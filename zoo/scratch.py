"""A place for files that nobody named a place for: it goes away with the process."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path


def folder_or_scratch(named: str | Path | None) -> Path:
    """Return the folder that was named, absolute and made if need be, or a fresh temporary one.

    Raises:
        OSError: the folder cannot be made.
    """
    if named is None:
        return Path(tempfile.mkdtemp(dir=_scratch()))
    folder = Path(named).expanduser().resolve()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@cache
def _scratch() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="ensemble-zoo-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
