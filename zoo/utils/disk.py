"""How much disk there is, and whether something fits on it."""

from __future__ import annotations

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
