"""Short names for content: of plain values, and of files."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from zoo.utils.files import check_regular
from zoo.utils.progress import track
from zoo.utils.threads import in_threads

KEY_LENGTH = 12


def short_hash(content: Any) -> str:
    """Hash plain JSON values."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:KEY_LENGTH]


def hash_file(path: Path) -> str:
    """Return a file's SHA-256 in hexadecimal.

    Raises:
        OSError: it is not there, cannot be read, or is no file.
    """
    check_regular(path)
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def hash_files(paths: Sequence[Path]) -> list[str]:
    """Return the SHA-256 of each file, in threads; empty for one that cannot be read.

    On one core of the build machine SHA-256 takes 1.2 GB/s: 7 % of what decoding small JPEGs takes, 2 % of large ones.
    """
    return list(track(in_threads(_hash_or_none, paths), "hashing", len(paths), "files"))


def _hash_or_none(path: Path) -> str:
    try:
        return hash_file(path)
    except OSError:
        return ""
