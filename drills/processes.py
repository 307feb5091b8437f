"""The processes below another one, and the memory they take together (Linux)."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


def child_pids(pid: int) -> list[int]:
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except OSError:
        return []
    own = [int(child) for child in text.split()]
    return [*own, *(grandchild for child in own for grandchild in child_pids(child))]


def command_line(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def resident_bytes(pid: int) -> int:
    """Resident bytes of a process and all below it."""
    total = 0
    for one in (pid, *child_pids(pid)):
        with suppress(OSError, IndexError):
            total += int(Path(f"/proc/{one}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return total
