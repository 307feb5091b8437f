"""Paths as a user names them: symbolic links, and ``.`` and ``..``."""

from __future__ import annotations

from pathlib import Path


def destination(path: str | Path) -> Path:
    """Where a path that a user named leads: what a symbolic link points to is written, and the link stays."""
    named = Path(path).expanduser()
    return named.resolve() if named.is_symlink() else named


def with_name(path: Path) -> Path:
    """The same path with a name at its end, where it is ``.`` or ends with ``..``."""
    return path if path.name not in ("", "..") else path.resolve()
