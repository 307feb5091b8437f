"""The hashes of a folder's files, and whether the files are still those that were written."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from zoo.utils.files import LITTER
from zoo.utils.hashing import hash_file


def folder_hashes(folder: Path, *, leave_out: str) -> dict[str, str]:
    """SHA-256 of every file of a folder, by its path in it, but of what file browsers leave.

    Args:
        folder: at any depth.
        leave_out: the name of the record that holds the hashes.

    Raises:
        OSError: a file cannot be read.
    """
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    own = [path for path in files if path.name != leave_out and path.name.lower() not in LITTER]
    return {path.relative_to(folder).as_posix(): hash_file(path) for path in own}


def check_unchanged(path: Path, written: Mapping[str, str], found: Mapping[str, str], remedy: str) -> None:
    """Check hashes against those in a record.

    Raises:
        ValueError: files that were changed, cut, added or removed since; the first five are named.
    """
    others = sorted(name for name in written.keys() | found.keys() if written.get(name) != found.get(name))
    if others:
        raise ValueError(
            f"Expected the files of {path} as they were written; {', '.join(others[:5])} "
            f"{'is' if len(others) == 1 else 'are'} not. {remedy}"
        )
