"""A folder that steps aside for a new one, because no rename replaces it, and comes back if that never takes its place.

What is being written and what is being removed lies beside a path as ``.12345678.NAME``; a whole folder that stepped
aside has ``~`` for the first of these eight.
"""

from __future__ import annotations

import glob
import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

LENGTH = 8
ASIDE = "~"


def beside(path: Path, mark: str = "") -> Path:
    """A new name in the same folder, for what is not whole, or with :data:`ASIDE` for what is."""
    return path.with_name(f".{mark}{uuid.uuid4().hex[: LENGTH - len(mark)]}.{path.name}")


def take_place(new: Path, path: Path) -> None:
    """Rename a new folder to the path of another one, which is removed.

    Raises:
        OSError: it cannot be renamed; the other one is where it was.
    """
    aside = beside(path, ASIDE)
    path.replace(aside)
    try:
        new.replace(path)
    except OSError:
        aside.replace(path)
        raise
    discard(aside, path)


def discard(folder: Path, path: Path) -> None:
    """Remove a folder under a name that is never brought back, as a kill may leave a part of it."""
    doomed = beside(path)
    folder.replace(doomed)
    remove(doomed)


def restore(path: Path) -> None:
    """Bring back what stepped aside, where a kill came before the new folder took its place."""
    left = list(left_beside(path, ASIDE))
    if left and not os.path.lexists(path):
        max(left, key=lambda aside: aside.lstat().st_ctime).replace(path)


def left_beside(path: Path, mark: str = "") -> Iterator[Path]:
    """What killed processes left of a path."""
    return path.parent.glob(f".{mark}{'?' * (LENGTH - len(mark))}.{glob.escape(path.name)}")


def remove(path: Path) -> None:
    """Remove a file, a link or a folder as far as that is possible."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
