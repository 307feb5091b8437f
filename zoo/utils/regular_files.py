"""Files that have an end, and the disk that they need."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path


def check_regular(path: Path) -> None:
    """Check before a file is opened that it has an end: a device may have none, and a pipe waits for a writer.

    Raises:
        OSError: there is nothing, or something else than a file.
    """
    found = path.stat()
    if not stat.S_ISREG(found.st_mode):
        kind = "a folder" if stat.S_ISDIR(found.st_mode) else "a device or a pipe"
        raise OSError(errno.EINVAL, f"Expected a file; received {kind}. Put a file there", str(path))


def reserve(path: Path) -> None:
    """Take the disk that a file's length needs, before it is written through a memory map.

    A map of a file with holes ends the process by a signal where the disk is full.

    Raises:
        OSError: the disk is full.
    """
    if not hasattr(os, "posix_fallocate"):  # macOS and Windows
        return
    with path.open("r+b") as file:
        os.posix_fallocate(file.fileno(), 0, path.stat().st_size)


def size_of(path: Path) -> int:
    """Bytes of a file, or of a folder's files, links not followed."""
    if path.is_symlink() or not path.is_dir():
        return path.lstat().st_size
    return sum(file.lstat().st_size for file in path.rglob("*") if not file.is_dir() or file.is_symlink())
