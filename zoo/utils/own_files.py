"""Files that are replaced only by a later one of the same kind, so that no slip of a name loses a file of the user."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path


def check_own(path: Path, is_own: Callable[[Path], bool], what: str) -> None:
    """Check before long work that a file may be written: nothing is there, an empty file, or an earlier one.

    Args:
        path: of the file, which need not be there.
        is_own: looks at a file that is there, and says whether it is an earlier one.
        what: an earlier one in words, such as ``an earlier submission``.

    Raises:
        FileExistsError: another file is there.
    """
    if path.is_file() and path.stat().st_size and not is_own(path):
        raise FileExistsError(
            f"Expected a path that is free or has {what}; {path} is another file, and was not replaced. Choose another "
            "path, or move the file."
        )
