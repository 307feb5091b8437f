"""What this process may use of the machine: cores, memory, GPUs, disk."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import joblib

from zoo.utils.disk import free_disk

OWN_GROUPS = Path("/proc/self/cgroup")  # of Linux: a line for each hierarchy of control groups
GROUPS = Path("/sys/fs/cgroup")
SECOND, FIRST = "memory.max", "memory.limit_in_bytes"  # a group's limit, by the version of control groups


@dataclass(frozen=True, kw_only=True)
class Machine:
    """What this process may use.

    Attributes:
        cores: logical cores: no more than its affinity and the quota of its control group allow.
        memory: bytes: no more than its control group allows; None where the system does not tell.
        gpus: the accelerators' names, as Keras' backend has them; empty without one.
        disk: free bytes where the run is kept.
    """

    cores: int
    memory: int | None
    gpus: tuple[str, ...]
    disk: int


def look_around(folder: str | Path) -> Machine:
    """Describe the machine that this process runs on, and the disk that a folder is or will be on."""
    return Machine(cores=joblib.cpu_count(), memory=memory(), gpus=accelerators(), disk=free_disk(Path(folder)))


def memory() -> int | None:
    """Count the bytes of memory that this process may hold; None where the system does not tell."""
    known = [*_physical(), *_limits()]
    return min(known) if known else None


def accelerators() -> tuple[str, ...]:
    """Name the GPUs and TPUs of Keras' backend."""
    import keras

    return tuple(device for device in keras.distribution.list_devices() if device.startswith(("gpu", "tpu")))


def _physical() -> Iterator[int]:
    try:
        yield os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):  # Windows has no sysconf
        return


def _limits() -> Iterator[int]:
    """The limits of the process's control group and of those that it is in; a word stands for none."""
    for path in _limit_files():
        try:
            text = path.read_text().strip()
        except OSError:
            continue
        if text.isdecimal():
            yield int(text)


def _limit_files() -> Iterator[Path]:
    try:
        lines = OWN_GROUPS.read_text().splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, own = line.split(":", 2)
        if controllers == "":
            yield from _upwards(GROUPS, own, SECOND)
        elif "memory" in controllers.split(","):
            yield from _upwards(GROUPS / "memory", own, FIRST)


def _upwards(root: Path, own: str, name: str) -> Iterator[Path]:
    """The file of a group and of all above it; a container sees its own group as the root."""
    group = root / own.lstrip("/")
    return (folder / name for folder in (group, *group.parents) if folder.is_relative_to(root))
