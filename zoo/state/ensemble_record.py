"""The record of an ensemble, ``ensemble.json``: read, checked, and held against the files that belong to it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ensembles.seals import REMEDY, unsealed
from zoo.utils.files import read_json
from zoo.utils.hashing import check_unchanged, folder_hashes
from zoo.utils.records import check_entries

ENSEMBLE_FILE = "ensemble.json"  # names the ensemble that a run opens
OWN_FOLDER = "ensembles"  # has what belongs to one ensemble each
STORE_OF_OWN = "../.."  # from there
FORMAT, SEALED, OLDEST = 4, 4, 3  # what is written, the first that had a seal, the first that can be read
ENTRIES = {  # by their annotations
    "method": str,
    "calibration": str,
    "member_calibration": str,
    "folds": int,
    "uncertainty": str,
    "options": Mapping[str, Any] | None,
    "classes": tuple[str, ...],
    "labels": Mapping[str, Any] | None,
    "codes": Mapping[str, Any] | None,
    "image_size": tuple[int, ...],
    "pixels": Mapping[str, Any] | None,
    "familiarity": int | None,
    "members": tuple[Mapping[str, str], ...],
    "entered": tuple[Mapping[str, Any], ...] | None,
    "failures": Mapping[str, str],
    "doubts": Mapping[str, str] | None,
    "seed": int | None,
    "gains": Mapping[str, Any] | None,
    "rules": Mapping[str, Mapping[str, Any]],
    "leaderboard": Mapping[str, Any],
    "store": str | None,
    "folder": str | None,
    "files": Mapping[str, str] | None,
}


def read_ensemble(folder: Path) -> dict[str, Any]:
    """Read the record of an ensemble.

    Raises:
        OSError: there is none, or it cannot be read.
        ValueError: no record, one of another format, or one that was changed.
    """
    path = folder / ENSEMBLE_FILE
    what = f"an ensemble in {path}"
    record = unsealed(read_json(path), FORMAT, what, first=SEALED, oldest=OLDEST)
    check_entries(record, ENTRIES, what)
    for member in record["members"]:
        check_entries(member, {"key": str, "name": str}, f"a member of {what}")
        _check_inside(member["key"], r"\w[\w.-]*", what)
    _check_inside(record.get("folder", ""), rf"|{OWN_FOLDER}/\w+", what)
    _check_inside(record.get("store", ""), rf"|{re.escape(STORE_OF_OWN)}", what)
    return record


def _check_inside(name: str, pattern: str, what: str) -> None:
    """Check that a name leads to a folder of the run, and not to one elsewhere."""
    if not re.fullmatch(pattern, name, re.ASCII):
        raise ValueError(f"Expected the folders of a run in {what}; received {name!r}. {REMEDY}.")


def own_files(folder: Path) -> dict[str, str]:
    """SHA-256 of every file that belongs to one ensemble, by its path in the folder, but of the record itself."""
    return folder_hashes(folder, leave_out=ENSEMBLE_FILE)


def check_own_files(folder: Path, record: Mapping[str, Any]) -> dict[str, str]:
    """Check the files that belong to an ensemble against their digests in its record, and return these.

    Raises:
        OSError: one cannot be read.
        ValueError: files that were changed, cut, added or removed since.
    """
    written: dict[str, str] = dict(record.get("files") or {})
    check_unchanged(folder, written, own_files(folder), "Copy the run again, or fit again.")
    return written
