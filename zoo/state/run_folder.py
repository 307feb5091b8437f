"""What lies in a run's folder, how large it is, and what can go."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from zoo.utils.files import read_json

ENSEMBLE_FILE = "ensemble.json"  # names the ensemble that a run opens
OWN_FOLDER = "ensembles"  # has what belongs to one ensemble each
KINDS = {  # by the folder in a run
    "members": "networks and their logits",
    "ensembles": "rules and what they were fitted on",
    "rules": "fitted rules, found again by the next fit",
    "shared": "features and stored views, computed again by the next fit",
    "progress": "trainings that did not end, which the same fit goes on with",
    "decoded": "decoded images, read again from their files",
    "engines": "graphs for ONNX Runtime, made again where they pay",
    "locks": "locks",
}
SPARE = ("shared", "progress", "engines", "locks")
OTHERS = "exports, reports and everything else"


@dataclass(frozen=True)
class Part:
    """A part of a run.

    Attributes:
        path: a folder in the run.
        what: what it holds.
        size: bytes.
    """

    path: Path
    what: str
    size: int


def parts_of(run: Path) -> list[Part]:
    """List the parts of a run, the largest first."""
    known = [Part(run / name, what, size_of(run / name)) for name, what in KINDS.items() if (run / name).is_dir()]
    rest = size_of(run) - sum(part.size for part in known)
    return sorted([*known, Part(run, OTHERS, rest)], key=lambda part: -part.size)


def spare_parts(run: Path, *, decoded: bool = False) -> list[Part]:
    """List what no ensemble of a run needs to predict, to be exported or to be opened.

    Args:
        run: the folder of a run that is complete.
        decoded: list decoded images too, which evaluations of the same images would read again from their files.

    Raises:
        FileNotFoundError: no ensemble there; all of an unfinished run is needed to go on.
    """
    if not (run / ENSEMBLE_FILE).is_file():
        raise FileNotFoundError(
            f"Expected a run that is complete; {run} has no {ENSEMBLE_FILE}. Let `zoo fit` end first, or remove it all."
        )
    names = (*SPARE, "decoded") if decoded else SPARE
    needed = set(_needed(run))
    unused = [folder for folder in sorted((run / "members").glob("*")) if folder.is_dir() and folder.name not in needed]
    found = [Part(run / name, KINDS[name], size_of(run / name)) for name in names if (run / name).is_dir()]
    return found + [Part(folder, "a member of no ensemble", size_of(folder)) for folder in unused]


def remove(run: Path, parts: list[Part]) -> None:
    """Remove parts of a run.

    Raises:
        RuntimeError: a member of it is being trained now; nothing is removed.
    """
    check_idle(run)
    for part in parts:
        shutil.rmtree(part.path)


def check_idle(run: Path) -> None:
    """Check that no process trains a member of a run.

    Raises:
        RuntimeError: one does.
    """
    for path in sorted((run / "locks").glob("*.lock")):
        try:
            with FileLock(path, timeout=0):
                pass
        except Timeout as error:
            raise RuntimeError(
                f"Expected nobody at work in {run}; {path.stem} is being trained. Wait for it."
            ) from error


def size_of(path: Path) -> int:
    """Bytes of a folder's files, links not followed."""
    return sum(file.lstat().st_size for file in path.rglob("*") if not file.is_dir() or file.is_symlink())


def as_size(size: int) -> str:
    """Bytes in words."""
    for unit, bytes_each in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size >= bytes_each:
            return f"{size / bytes_each:.1f} {unit}"
    return f"{size} B"


def _needed(run: Path) -> Iterator[str]:
    """The keys of the members of all ensembles in a run."""
    for file in (run / ENSEMBLE_FILE, *(run / OWN_FOLDER).glob(f"*/{ENSEMBLE_FILE}")):
        record: dict[str, Any] = read_json(file)
        yield from (member["key"] for member in record["members"])
