"""Paths as a user names them: symbolic links, and ``.`` and ``..``."""

from __future__ import annotations

from pathlib import Path


def destination(path: str | Path) -> Path:
    """Where a path that a user named leads: what a symbolic link points to is written, and the link stays."""
    named = Path(path).expanduser()
    return named.resolve() if named.is_symlink() else named


def check_suffix(path: Path, suffix: str) -> None:
    """Check the end of a file's name, so that a slip of the keyboard replaces no file of another kind.

    Raises:
        ValueError: another end.
    """
    if path.suffix.lower() != suffix:
        raise ValueError(f"Expected a path that ends in {suffix}; received {path}. Name another file.")


def with_name(path: Path) -> Path:
    """The same path with a name at its end, where it is ``.`` or ends with ``..``."""
    return path if path.name not in ("", "..") else path.resolve()
