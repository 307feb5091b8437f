"""How much disk there is, and whether something can be written there."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from zoo.utils.text import bytes_text


def free_disk(folder: Path) -> int:
    """Count the free bytes of the disk that a folder is on, or will be."""
    there = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
    return shutil.disk_usage(there).free


def check_room(folder: Path, needed: int, what: str, remedy: str) -> None:
    """Check before something is written that a disk has room for it.

    Args:
        folder: where it will be.
        needed: bytes.
        what: it is, for the message.
        remedy: what to do where it does not fit.

    Raises:
        ValueError: it does not fit.
    """
    free = free_disk(folder)
    if needed > free:
        raise ValueError(
            f"Expected {bytes_text(needed)} of free disk for {what}; received {bytes_text(free)} in {folder}. {remedy}"
        )


def check_makeable(folder: str | Path | None) -> None:
    """Check that a folder is there, or can be made, and be written to; nothing is made, and None is none.

    Raises:
        OSError: it cannot.
    """
    if folder is None:
        return
    path = Path(folder).expanduser().resolve()
    there = next(one for one in (path, *path.parents) if one.exists())
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        why = "cannot be written to" if there.is_dir() else "is no folder"
        raise OSError(f"Expected a folder that can be made at {path}; {there} {why}. Choose another path.")
