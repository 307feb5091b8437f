"""What two folders of runs, tables and exports hold, compared to the last bit but for clocks and speeds."""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

TIMES = {"seconds", "images_per_second", "seal", "folder", "files", "started", "command", "store", "sha256", "jobs"}
REMADE = ("rules/", "run/rules/")  # parts of a rule that was kept whole before a kill are not fitted again
NUMBERED = re.compile(rb'_\d+\b|"shared_object_id": \d+')  # Keras numbers what a process has built
LOG = re.compile(r"(^|/)(log\.txt|run\.json|config\.json|leaderboard\.csv|report\.\w+|speed\.json)$")  # have times


def differences(expected: Path, found: Path, command: str) -> Iterator[str]:
    """Say what differs between the folder of an undisturbed command and another one.

    Args:
        expected: the undisturbed folder.
        found: the other one.
        command: ``fit``, for which the run alone is compared, or ``finish``, for all.
    """
    first, second = (_contents(folder / "run" if command == "fit" else folder) for folder in (expected, found))
    if command == "fit":  # a report and what was decoded for it come later
        first = {name: content for name, content in first.items() if not name.startswith(("report", "decoded/"))}
        second = {name: content for name, content in second.items() if not name.startswith("decoded/")}
    for name in sorted(first.keys() | second.keys()):
        if name not in second and name.startswith(REMADE):
            continue
        if name not in second:
            yield f"{name} is missing"
        elif name not in first:
            yield f"{name} is left behind"
        elif first[name] != second[name]:
            yield f"{name} is another: {first[name][:150]} / {second[name][:150]}"


def _contents(folder: Path) -> dict[str, str]:
    """A digest of what every file says, by its path; names of ensembles follow from their speeds, and are left out."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    named: dict[str, str] = {}
    for path in files:
        name = re.sub(r"ensembles/\w+/", "ensembles/*/", path.relative_to(folder).as_posix())
        named[f"{name} twice" if name in named else name] = _digest(path, name)
    return named


def _digest(path: Path, name: str) -> str:
    if LOG.search(name):
        return "there"
    if path.suffix == ".keras":
        return _of_keras(path)
    if path.suffix == ".json":
        return json.dumps(_without_times(json.loads(path.read_text())), sort_keys=True)
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _of_keras(path: Path) -> str:
    """The weights of a network, bit by bit, and its configuration; its archive has the time of writing."""
    import h5py

    digest = hashlib.sha256()
    with zipfile.ZipFile(path) as archive:
        config = archive.read("config.json")
        layers = hashlib.sha256(NUMBERED.sub(b"", config)).hexdigest()
        with h5py.File(io.BytesIO(archive.read("model.weights.h5"))) as file:
            arrays: dict[str, Any] = {}
            file.visititems(
                lambda name, item: arrays.update({name: item[()].tobytes()}) if isinstance(item, h5py.Dataset) else None
            )
    for name, content in sorted(arrays.items()):
        digest.update(name.encode() + content)
    return f"weights {digest.hexdigest()}, layers {layers}"


def _without_times(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_times(part) for name, part in value.items() if name not in TIMES}
    return [_without_times(part) for part in value] if isinstance(value, list) else value
