"""What lies in a run's folder, how large it is, and what can go."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from zoo.state import ensemble_record
from zoo.state.export_files import GRAPH_FILE, MANIFEST_FILE
from zoo.state.not_a_run import not_a_run
from zoo.state.occupancy import LOCKS, alone
from zoo.utils.regular_files import size_of

ENSEMBLE_FILE, OWN_FOLDER = ensemble_record.ENSEMBLE_FILE, ensemble_record.OWN_FOLDER

KINDS = {  # by the folder in a run
    "members": "networks and their logits",
    "ensembles": "rules and what they were fitted on",
    "rules": "fitted rules, found again by the next fit",
    "shared": "features and stored views, computed again by the next fit",
    "progress": "trainings that did not end, which the same fit goes on with",
    "decoded": "decoded images, read again from their files",
    "engines": "graphs for ONNX Runtime, made again where they pay",
    LOCKS: "locks",
}
SPARE = ("shared", "progress", "engines")
EXPORT_FILES = (MANIFEST_FILE, GRAPH_FILE)
MADE = {".html": "a report", ".zip": "a submission", ".onnx": "an export", ".tflite": "an export"}  # by their suffix
OTHERS = "records, tables and whatever else was put here"


@dataclass(frozen=True)
class Part:
    """A part of a run.

    Attributes:
        path: a folder or a file in the run; the run itself for its small files together.
        what: what it holds.
        size: bytes.
    """

    path: Path
    what: str
    size: int


def parts_of(run: Path) -> list[Part]:
    """List the parts of a run, the largest first."""
    known = [Part(run / name, what, size_of(run / name)) for name, what in KINDS.items() if (run / name).is_dir()]
    known += [Part(entry, what, size_of(entry)) for entry in run.iterdir() if (what := _made(entry))]
    rest = size_of(run) - sum(part.size for part in known)
    return sorted([*known, Part(run, OTHERS, rest)], key=lambda part: -part.size)


def _made(entry: Path) -> str:
    """What was made of a run and lies in its folder; "" for anything else."""
    if entry.is_symlink() or not entry.is_dir():
        return MADE.get(entry.suffix.lower(), "")
    return "an export" if any((entry / name).is_file() for name in EXPORT_FILES) else ""


def spare_parts(run: Path, *, decoded: bool = False) -> list[Part]:
    """List what no ensemble of a run needs to predict, to be exported or to be opened.

    Args:
        run: the folder of a run that is complete.
        decoded: list decoded images too, which evaluations of the same images would read again from their files.

    Raises:
        FileNotFoundError: no ensemble there; all of an unfinished run is needed to go on.
        ValueError: the record of an ensemble was changed, so that nobody knows which members it needs.
    """
    if not (run / ENSEMBLE_FILE).is_file():
        raise not_a_run(run)
    names = (*SPARE, "decoded") if decoded else SPARE
    needed = set(_needed(run))
    unused = [folder for folder in sorted((run / "members").glob("*")) if folder.is_dir() and folder.name not in needed]
    found = [Part(folder, "a member of no ensemble", size_of(folder)) for folder in unused]
    # The locks go last: as long as something is removed, the one that keeps fits out has to stay.
    return found + [
        Part(run / name, KINDS[name], size_of(run / name)) for name in (*names, LOCKS) if (run / name).is_dir()
    ]


def remove(run: Path, parts: list[Part]) -> None:
    """Remove parts of a run that no ensemble of it needs by now.

    Raises:
        RuntimeError: an ensemble is being fitted or a member trained there now; nothing is removed.
        ValueError: the record of an ensemble was changed, so that nobody knows which members it needs.
    """
    with alone(run):
        needed = {run / "members" / name for name in _needed(run)}  # a fit may have ended since they were listed
        for part in parts:
            if part.path in needed:
                continue
            if part.path.is_symlink():  # what it leads to is not the run's
                part.path.unlink()
            else:
                shutil.rmtree(part.path)


def as_size(size: int) -> str:
    """Bytes in words."""
    for unit, bytes_each in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size >= bytes_each:
            return f"{size / bytes_each:.1f} {unit}"
    return f"{size} B"


def _needed(run: Path) -> Iterator[str]:
    """The keys of the members of all ensembles in a run."""
    for file in (run / ENSEMBLE_FILE, *(run / OWN_FOLDER).glob(f"*/{ENSEMBLE_FILE}")):
        yield from (member["key"] for member in ensemble_record.read_ensemble(file.parent)["members"])
