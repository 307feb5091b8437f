"""Ensembles on disk: a store's members, and one JSON file that ties them together.

A run's folder and a saved ensemble have the same form, so that a run is an ensemble that was saved where it was
trained. What belongs to one ensemble lies in ``ensembles/<digest>``, complete before ``ensemble.json`` names it: a kill
leaves the ensemble before. Ensembles that share a store share its members; the store's folder opens the last one, and
the others open by their own folders.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

import ensembles
from ensembles.seals import sealed
from zoo.data.pictures.pixel_reading import reading_from
from zoo.data.targets import targets_from
from zoo.ensemble_options import EnsembleOptions
from zoo.members.store import Store
from zoo.members.test_time_views import gain_from
from zoo.models.head import Head
from zoo.report.leaderboard import Leaderboard
from zoo.report.tables import write_csv
from zoo.state.checking import check_state
from zoo.state.ensemble_record import (
    ENSEMBLE_FILE,
    FORMAT,
    OWN_FOLDER,
    STORE_OF_OWN,
    check_own_files,
    own_files,
    read_ensemble,
)
from zoo.state.held_out_predictions import read_held_out_predictions
from zoo.state.not_a_run import not_a_run
from zoo.state.out_of_distribution import OutOfDistribution, read_out_of_distribution
from zoo.state.provenance import read_provenance
from zoo.state.state import EnsembleState
from zoo.training.recipe import Recipe
from zoo.utils.files import replacing, write_json
from zoo.utils.hashing import short_hash
from zoo.utils.option_fields import options_of
from zoo.utils.records import as_written
from zoo.utils.typecheck import read_table

logger = logging.getLogger(__name__)

LEADERBOARD_FILE = "leaderboard.csv"
HELD_OUT_FOLDER, DISTRIBUTION_FOLDER = "evidence", "familiarity"  # names of format 3
OPTIONS = ("method", "calibration", "member_calibration", "folds", "uncertainty")  # that every version has written


def save(state: EnsembleState, options: Mapping[str, Any], path: Path) -> Path:
    """Write an ensemble to a folder; members that lie there already are not copied.

    Args:
        state: what it learned.
        options: what it was made with, by the names of :class:`zoo.ensemble_options.EnsembleOptions`.
        path: the folder.

    Raises:
        TypeError: its rule learned what cannot be written, such as a forest; nothing is written.
    """
    record = _record(state, options)
    target = Store(path)
    for key in state.keys:
        _copy(state.store, key, target.members / key)
    digest = short_hash([record, *_content(state)])
    files = _write_own(state, record, path / OWN_FOLDER / digest)
    _tell_of_another(path, record)
    whole = record | {"folder": f"{OWN_FOLDER}/{digest}", "files": files}
    write_json(path / ENSEMBLE_FILE, sealed(whole, FORMAT))
    write_csv(state.leaderboard, state.leaderboard.columns, path / LEADERBOARD_FILE)
    return path


def _content(state: EnsembleState) -> list[Any]:
    """What distinguishes ensembles beside their records: the images, and what was learned of their features."""
    held_out, distribution = state.held_out, state.distribution
    groups = None if held_out.groups is None else held_out.groups.tolist()
    rows = [sorted(key.hex() for key in held_out.digests), held_out.labels.tolist(), groups]
    return [*rows, state.provenance.as_plain(), distribution and distribution.fingerprint]


def _write_own(state: EnsembleState, record: dict[str, Any], own: Path) -> dict[str, str]:
    """Write what belongs to one ensemble, unless it is there and whole; return the digests of its files."""
    if (own / ENSEMBLE_FILE).is_file():
        try:
            there: dict[str, str] = check_own_files(own, read_ensemble(own))
            return there
        except (OSError, ValueError) as error:
            logger.warning("%s is written again: %s", own, error)
    with replacing(own, ENSEMBLE_FILE, also=(HELD_OUT_FOLDER, DISTRIBUTION_FOLDER)) as beside:
        beside.mkdir()
        state.provenance.write(beside)
        state.held_out.write(beside / HELD_OUT_FOLDER)
        if state.distribution:
            state.distribution.write(beside / DISTRIBUTION_FOLDER)
        files = own_files(beside)
        write_json(beside / ENSEMBLE_FILE, sealed(record | {"store": STORE_OF_OWN, "files": files}, FORMAT))
    return files


def _tell_of_another(path: Path, record: Mapping[str, Any]) -> None:
    """Log where an ensemble stays that was the last one of a store until now."""
    try:
        before = read_ensemble(path)
    except (OSError, ValueError):
        return
    if before["members"] != record["members"] and "folder" in before:
        names = ", ".join(member["name"] for member in before["members"])
        logger.info("%s: opens the new ensemble now; that of %s stays in %s", path, names, path / before["folder"])


def load(path: Path) -> tuple[EnsembleState, dict[str, Any]]:
    """Read an ensemble: what it learned, and the options that it was made with.

    Raises:
        FileNotFoundError: no ensemble, or a member of it missing.
        ValueError: another format, or files that were changed or cut.
    """
    if not (path / ENSEMBLE_FILE).is_file():
        raise not_a_run(path)
    record = read_ensemble(path)
    with as_written(f"an ensemble in {path / ENSEMBLE_FILE}"):
        record["uncertainty"] = ensembles.uncertainty.current_name(record["uncertainty"])
        root, own = (path / record.get(name, "") for name in ("store", "folder"))  # older runs have both in one
        if "files" in record:
            check_own_files(own, record)
        state = check_state(_state(record, root.resolve(), own), path)
    return state, _options(record, path) | {"method": state.given_method}


def _options(record: Mapping[str, Any], path: Path) -> dict[str, Any]:
    """What an ensemble was made with; of earlier versions' ones, and of options that are unknown here, the defaults."""
    own = {name: record[name] for name in OPTIONS}
    try:
        made = read_table(EnsembleOptions, dict(record.get("options") or {}) | own)
    except ValueError as error:
        logger.warning("%s: options of its fit are not known here, so all are at their defaults: %s", path, error)
        made = EnsembleOptions(**own)
    return {name: getattr(made, name) for name in options_of(EnsembleOptions)}


def _record(state: EnsembleState, options: Mapping[str, Any]) -> dict[str, Any]:
    members = zip(state.keys, state.members, strict=True)
    return {
        **{name: options[name] for name in OPTIONS},
        "options": {name: _plain(value) for name, value in options.items() if name not in OPTIONS},
        **state.targets.as_dict(),
        "image_size": list(state.image_size),
        "pixels": state.reading.as_dict(),
        "familiarity": state.distribution and state.distribution.member,
        "members": [{"key": key, "name": member.name} for key, member in members],
        "entered": list(state.entered),
        "failures": dict(state.failures),
        "doubts": dict(state.doubts),
        "seed": state.seed,
        "gains": {name: gain.as_dict() for name, gain in state.gains.items()},
        "rules": _rules(state),
        "leaderboard": {
            "where": state.leaderboard.where,
            "entries": list(state.leaderboard),
            "notes": list(state.leaderboard.notes),
        },
    }


def _plain(value: Any) -> Any:
    """An option as JSON has it, also one of NumPy's numbers, which a search may have set."""
    if isinstance(value, Recipe | Head):
        return _plain(asdict(value))
    if isinstance(value, Mapping):
        return {name: _plain(own) for name, own in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(own) for own in value]
    if isinstance(value, np.generic):
        return value.item()
    return str(value) if isinstance(value, Path) else value


def _rules(state: EnsembleState) -> dict[str, Any]:
    """What every rule learned; one that cannot be written is left out, unless it is the one that predicts."""
    written = {}
    for name, rule in state.rules.items():
        try:
            written[name] = ensembles.to_dict(rule)
        except TypeError as error:
            if name == state.method:
                raise
            logger.warning("%s is not kept: %s", name, error)
    return written


def _state(record: Mapping[str, Any], root: Path, path: Path) -> EnsembleState:
    """Read an ensemble from its store's folder and its own."""
    store, folds = Store(root), record["folds"]
    entries = record["members"]
    return EnsembleState(
        members=[store.member(entry["key"]).renamed(entry["name"]) for entry in entries],
        keys=[entry["key"] for entry in entries],
        entered=record.get("entered") or (),
        failures=record["failures"],
        rules={name: ensembles.from_dict(plain) for name, plain in record["rules"].items()},
        method=record["method"],
        uncertainty=record["uncertainty"],
        held_out=read_held_out_predictions(path / HELD_OUT_FOLDER, folds),
        targets=targets_from(dict(record)),
        image_size=tuple(record["image_size"]),
        reading=reading_from(record.get("pixels")),
        provenance=read_provenance(path, folds),
        distribution=_distribution(record["familiarity"], path),
        gains={name: gain_from(plain) for name, plain in record.get("gains", {}).items()},
        leaderboard=Leaderboard(**record["leaderboard"]),
        doubts=record.get("doubts", {}),  # which records of earlier versions lack, as they do the seed
        store=store,
        seed=record.get("seed", 0),
    )


def _distribution(member: int | None, path: Path) -> OutOfDistribution | None:
    return None if member is None else read_out_of_distribution(path / DISTRIBUTION_FOLDER, member)


def _copy(store: Store, key: str, target: Path) -> None:
    if target.exists():
        return
    if key in store.in_memory:
        store.in_memory[key].save(target)
        return
    with replacing(target) as beside:
        shutil.copytree(store.members / key, beside)
