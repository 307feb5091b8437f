"""How a run came about: its command, its data, when, how long, with which versions and on which machine."""

from __future__ import annotations

import platform
import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from ensembles.seals import unsealed
from zoo.data.images import Splits
from zoo.data.sources.demo import DEMO
from zoo.utils.files import read_json, write_json
from zoo.utils.records import check_entries
from zoo.utils.version import __version__

RECORD_FILE = "run.json"
FORMAT = 1  # earlier records had none
UNSEALED = FORMAT + 1  # people correct the source where they moved their images
ENTRIES = {  # by their annotations
    "command": str,
    "source": str,
    "started": str,
    "seconds": float,
    "versions": Mapping[str, str] | None,
    "machine": Mapping[str, Any] | None,
    "counts": Mapping[str, Mapping[str, int]] | None,
    "image_size": tuple[int, ...] | None,
    "files": str | None,
    "left_out": Mapping[str, int] | None,
    "preparation": tuple[str, ...] | None,
}
PACKAGES = ("tensorflow", "keras", "numpy", "scikit-learn")


@dataclass(frozen=True, kw_only=True)
class RunRecord:
    """The record of a run.

    Attributes:
        command: what was typed.
        source: the data, as an absolute path where it is one.
        started: date and time with the offset from UTC, ISO 8601.
        seconds: from the start to the kept ensemble.
        versions: of Python, this library and what it computes with.
        machine: system, processor and cores.
        counts: by split, images by class.
        image_size: ``(height, width)`` in pixels.
        files: what became of the files of the source, in words; "" where it is no folder.
        left_out: files that were not read, by reason.
        preparation: what was done to the images before training, in words: copies and images that were left out, how
            they were divided.
    """

    command: str
    source: str
    started: str
    seconds: float
    versions: Mapping[str, str] = field(default_factory=dict)
    machine: Mapping[str, Any] = field(default_factory=dict)
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    image_size: tuple[int, int] = (0, 0)
    files: str = ""
    left_out: Mapping[str, int] = field(default_factory=dict)
    preparation: Sequence[str] = ()


def record_run(
    folder: Path, source: str, splits: Splits, started: datetime, preparation: Sequence[str] = ()
) -> RunRecord:
    """Write the record of a run that ends now."""
    there = Path(source).expanduser()
    inventory = splits.inventory
    record = RunRecord(
        command=shlex.join(["zoo", *sys.argv[1:]]),
        source=str(there.resolve()) if there.exists() and source != DEMO else source,
        started=started.isoformat(timespec="seconds"),
        seconds=(datetime.now().astimezone() - started).total_seconds(),
        versions=versions(),
        machine=machine(),
        counts={
            split: dict(zip(images.classes, images.counts.tolist(), strict=True)) for split, images in splits.items()
        },
        image_size=splits.train.image_size,
        files=str(inventory) if inventory else "",
        left_out={str(reason): count for reason, count in inventory.counts.items()} if inventory else {},
        preparation=tuple(preparation),
    )
    write_json(folder / RECORD_FILE, {"format": FORMAT, **asdict(record)})
    return record


def read_run_record(folder: Path) -> RunRecord | None:
    """Read the record of a run; None for one of an earlier version, or that no command made.

    Raises:
        ValueError: a record of a newer format, or one whose entries are missing or of other types.
    """
    if not (folder / RECORD_FILE).is_file():
        return None
    what = f"the record of a run in {folder / RECORD_FILE}"
    plain = unsealed(read_json(folder / RECORD_FILE), FORMAT, what, first=UNSEALED, oldest=0)
    check_entries(plain, ENTRIES, what)
    known = {each.name for each in fields(RunRecord)}
    record = {name: value for name, value in plain.items() if name in known}
    tuples = {name: tuple(record.get(name) or ()) for name in ("image_size", "preparation")}
    return RunRecord(**record | tuples)


def versions() -> dict[str, str]:
    """The versions of Python, this library and the packages that decide its numbers."""
    found = {"python": platform.python_version(), "ensemble-zoo": __version__}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:  # tensorflow-cpu is another package of the same name
            continue
    return found


def machine() -> dict[str, Any]:
    """The system, the processor and the cores that this process may use."""
    import joblib

    return {"system": platform.platform(), "processor": _processor(), "cores": joblib.cpu_count()}


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    named = (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor())
