"""Ensembles on disk: a store's members, and one JSON file that ties them together.

A run's folder and a saved ensemble have the same form, so that a run is an ensemble that was saved where it was
trained.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import ensembles
from zoo.data.targets import targets_from
from zoo.members.store import Store
from zoo.members.test_time_views import gain_from
from zoo.report.leaderboard import Leaderboard
from zoo.state.held_out_predictions import read_held_out_predictions
from zoo.state.out_of_distribution import OutOfDistribution, read_out_of_distribution
from zoo.state.provenance import read_provenance
from zoo.state.state import EnsembleState
from zoo.utils.files import read_json, replacing, write_json

logger = logging.getLogger(__name__)

RECORD_FILE = "ensemble.json"
LEADERBOARD_FILE = "leaderboard.csv"
HELD_OUT_FOLDER, DISTRIBUTION_FOLDER = "evidence", "familiarity"  # names of format 3
OPTIONS = ("method", "calibration", "member_calibration", "folds", "uncertainty")  # that a loaded ensemble needs
FORMAT = 3


def save(state: EnsembleState, options: Mapping[str, Any], path: Path) -> Path:
    """Write an ensemble to a folder; members that lie there already are not copied.

    Args:
        state: what it learned.
        options: what it was made with, those of :data:`OPTIONS` at least, as plain values.
        path: the folder.

    Raises:
        TypeError: its rule learned what cannot be written, such as a forest; nothing is written.
    """
    record = _record(state, options)
    target = Store(path)
    for key in state.keys:
        _copy(state.store, key, target.members / key)
    state.leaderboard.to_csv(path / LEADERBOARD_FILE)
    state.provenance.write(path)
    state.held_out.write(path / HELD_OUT_FOLDER)
    if state.distribution:
        state.distribution.write(path / DISTRIBUTION_FOLDER)
    write_json(path / RECORD_FILE, record)
    return path


def load(path: Path) -> tuple[EnsembleState, dict[str, Any]]:
    """Read an ensemble: what it learned, and the options that it was made with.

    Raises:
        FileNotFoundError: no ensemble, or a member of it missing.
        ValueError: another format, or files that were changed or cut.
    """
    if not (path / RECORD_FILE).is_file():
        raise FileNotFoundError(f"Expected a saved ensemble in {path}; it has no {RECORD_FILE}.")
    record = read_json(path / RECORD_FILE)
    if record.get("format") != FORMAT:
        raise ValueError(f"Expected an ensemble of format {FORMAT} in {path}; received {record.get('format')!r}.")
    record["uncertainty"] = ensembles.uncertainty.current_name(record["uncertainty"])
    return _state(record, path), {name: record[name] for name in OPTIONS}


def _record(state: EnsembleState, options: Mapping[str, Any]) -> dict[str, Any]:
    members = zip(state.keys, state.members, strict=True)
    return {
        "format": FORMAT,
        **{name: options[name] for name in OPTIONS},
        **state.targets.as_dict(),
        "image_size": list(state.image_size),
        "familiarity": state.distribution and state.distribution.member,
        "members": [{"key": key, "name": member.name} for key, member in members],
        "failures": dict(state.failures),
        "gains": {name: asdict(gain) for name, gain in state.gains.items()},
        "rules": _rules(state),
        "leaderboard": {
            "where": state.leaderboard.where,
            "entries": list(state.leaderboard),
            "notes": list(state.leaderboard.notes),
        },
    }


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


def _state(record: Mapping[str, Any], path: Path) -> EnsembleState:
    store, folds = Store(path), record["folds"]
    entries = record["members"]
    return EnsembleState(
        members=[store.member(entry["key"]).renamed(entry["name"]) for entry in entries],
        keys=[entry["key"] for entry in entries],
        failures=record["failures"],
        rules={name: ensembles.from_dict(plain) for name, plain in record["rules"].items()},
        method=record["method"],
        uncertainty=record["uncertainty"],
        held_out=read_held_out_predictions(path / HELD_OUT_FOLDER, folds),
        targets=targets_from(dict(record)),
        image_size=tuple(record["image_size"]),
        provenance=read_provenance(path, folds),
        distribution=_distribution(record["familiarity"], path),
        gains={name: gain_from(plain) for name, plain in record.get("gains", {}).items()},
        leaderboard=_leaderboard(**record["leaderboard"]),
        store=store,
        seed=0,
    )


def _leaderboard(entries: list[dict[str, Any]], where: str, notes: Sequence[str] = ()) -> Leaderboard:
    return Leaderboard(entries, where, notes)


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
