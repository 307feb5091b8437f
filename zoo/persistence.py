"""Ensembles on disk: a store's members, and one JSON file that ties them together.

A run's folder and a saved ensemble have the same form, so that a run is an ensemble that was saved where it was
trained.
"""

from __future__ import annotations

import logging
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import ensembles
from zoo.data.targets import targets_from
from zoo.evidence import read_evidence
from zoo.familiarity import read_familiarity
from zoo.files import read_json, replacing, write_json
from zoo.making.viewing import gain_from
from zoo.report.leaderboard import Leaderboard
from zoo.seen import read_seen
from zoo.store import Store

if TYPE_CHECKING:
    from zoo.ensemble import Ensemble
    from zoo.fitted import FittedEnsemble

    Kind = TypeVar("Kind", bound=Ensemble)

logger = logging.getLogger(__name__)

RECORD_FILE = "ensemble.json"
LEADERBOARD_FILE = "leaderboard.csv"
EVIDENCE_FOLDER, FAMILIARITY_FOLDER = "evidence", "familiarity"
OPTIONS = ("calibration", "member_calibration", "folds", "uncertainty")  # that a loaded ensemble needs
FORMAT = 3


def save(ensemble: FittedEnsemble, path: Path) -> Path:
    """Write an ensemble to a folder; members that lie there already are not copied.

    Raises:
        TypeError: its rule learned what cannot be written, such as a forest; nothing is written.
    """
    record = _record(ensemble)
    target = Store(path)
    for key in ensemble.keys_:
        _copy(ensemble.store_, key, target.members / key)
    ensemble.leaderboard_.to_csv(path / LEADERBOARD_FILE)
    ensemble.seen_.write(path)
    ensemble.evidence_.write(path / EVIDENCE_FOLDER)
    if ensemble.familiarity_:
        ensemble.familiarity_.write(path / FAMILIARITY_FOLDER)
    write_json(path / RECORD_FILE, record)
    return path


def load(kind: type[Kind], path: Path) -> Kind:
    """Read an ensemble.

    Raises:
        FileNotFoundError: no ensemble, or a member of it missing.
        ValueError: another format, or files that were changed or cut.
    """
    if not (path / RECORD_FILE).is_file():
        raise FileNotFoundError(f"Expected a saved ensemble in {path}; it has no {RECORD_FILE}.")
    record = read_json(path / RECORD_FILE)
    if record.get("format") != FORMAT:
        raise ValueError(f"Expected an ensemble of format {FORMAT} in {path}; received {record.get('format')!r}.")
    return _restore(kind, record, path)


def _record(ensemble: FittedEnsemble) -> dict[str, Any]:
    members = zip(ensemble.keys_, ensemble.members_, strict=True)
    return {
        "format": FORMAT,
        "method": ensemble.method_,
        **{name: getattr(ensemble, name) for name in OPTIONS},
        **ensemble.targets_.as_dict(),
        "image_size": list(ensemble.image_size_),
        "familiarity": ensemble.familiarity_ and ensemble.familiarity_.place,
        "members": [{"key": key, "name": member.name} for key, member in members],
        "failures": ensemble.failures_,
        "gains": {name: asdict(gain) for name, gain in ensemble.gains_.items()},
        "rules": _rules(ensemble),
        "leaderboard": {"where": ensemble.leaderboard_.where, "entries": list(ensemble.leaderboard_)},
    }


def _rules(ensemble: FittedEnsemble) -> dict[str, Any]:
    """What every rule learned; one that cannot be written is left out, unless it is the one that answers."""
    written = {}
    for name, rule in ensemble.rules_.items():
        try:
            written[name] = ensembles.to_dict(rule)
        except TypeError as error:
            if name == ensemble.method_:
                raise
            logger.warning("%s is not kept: %s", name, error)
    return written


def _restore(kind: type[Kind], record: dict[str, Any], path: Path) -> Kind:
    names = [entry["name"] for entry in record["members"]]
    options = {name: record[name] for name in ("method", *OPTIONS)}
    ensemble = kind(names, **options, store=path)
    ensemble.store_ = Store(path)
    ensemble.keys_ = [entry["key"] for entry in record["members"]]
    ensemble.members_ = [
        ensemble.store_.member(key).renamed(name) for key, name in zip(ensemble.keys_, names, strict=True)
    ]
    ensemble.targets_, ensemble.image_size_ = targets_from(record), tuple(record["image_size"])
    ensemble.failures_, ensemble.seen_ = record["failures"], read_seen(path, ensemble.folds)
    ensemble.gains_ = {name: gain_from(plain) for name, plain in record.get("gains", {}).items()}
    place = record["familiarity"]
    ensemble.familiarity_ = None if place is None else read_familiarity(path / FAMILIARITY_FOLDER, place)
    ensemble.evidence_ = read_evidence(path / EVIDENCE_FOLDER, ensemble.folds)
    ensemble.rules_ = {name: ensembles.from_dict(plain) for name, plain in record["rules"].items()}
    ensemble.leaderboard_ = Leaderboard(record["leaderboard"]["entries"], record["leaderboard"]["where"])
    return ensemble


def _copy(store: Store, key: str, target: Path) -> None:
    if target.exists():
        return
    if key in store.unkept:
        store.unkept[key].save(target)
        return
    with replacing(target) as beside:
        shutil.copytree(store.members / key, beside)
