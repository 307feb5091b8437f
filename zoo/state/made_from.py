"""What was made of a run, and of which fit: an export, a report or a submission may be of an earlier one."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import ensembles
from zoo.state.export_files import MANIFEST_FILE, manifest_file
from zoo.state.state import EnsembleState
from zoo.utils.files import read_json
from zoo.utils.hashing import short_hash

KEY = "made_from"  # in manifests and in the numbers of reports
IN_ZIP = f"saved_model/{MANIFEST_FILE}"
ALONE = (".onnx", ".tflite")  # suffixes of exports of one file


def made_from(state: EnsembleState, method: str) -> str:
    """A digest of what one rule of an ensemble answers by: its members, what the rule learned, classes and pixels."""
    rule = state.rules.get(method)
    learned = None if rule is None else ensembles.to_dict(rule)
    return short_hash([*state.keys, learned, *state.class_names, *state.image_size, state.reading.as_dict()])


def stale_in(run: Path, state: EnsembleState) -> list[str]:
    """Name the exports, reports and submissions in a run's folder that were made of other members or another rule.

    Those of earlier versions do not say what they were made of, and are not named.

    Args:
        run: the folder.
        state: of the ensemble that it holds.
    """
    return [
        name
        for name, record in _records(run)
        if KEY in record and record[KEY] != made_from(state, str(record.get("method", state.method)))
    ]


def _records(run: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """What was made and lies in a folder, by its name, with its record."""
    for entry in sorted(run.iterdir()):
        try:
            record = _record(entry)
        except (OSError, ValueError, KeyError, zipfile.BadZipFile):  # none, or one that was cut
            continue
        if isinstance(record, Mapping):
            yield entry.name, record


def _record(entry: Path) -> Any:
    suffix = entry.suffix.lower()
    if suffix == ".zip":
        with zipfile.ZipFile(entry) as archive:
            return json.loads(archive.read(IN_ZIP))
    if suffix == ".html":
        return read_json(entry.with_suffix(".json"))
    return read_json(manifest_file(entry)) if entry.is_dir() or suffix in ALONE else None
