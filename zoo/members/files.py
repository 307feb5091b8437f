"""A member's folder: the Keras model, and its record as JSON with the other files' hashes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ensembles.seals import check_format, sealed, unsealed
from zoo.models.keras_file import load_network
from zoo.models.randomness import users_randomness
from zoo.models.weights_file import fingerprint
from zoo.utils.array_files import read_sealed_array, write_sealed_array
from zoo.utils.files import read_json, replacing, write_json
from zoo.utils.forks import check_not_forked
from zoo.utils.records import as_written, check_entries

if TYPE_CHECKING:
    import keras

MODEL_FILE = "model.keras"
RECORD_FILE, LEARNED_FILE = "member.json", "learned_from.npy"
LEARNED_HASH = "learned_sha256"  # of a record: the hash of that file, None where there is none
LOGITS_FOLDER = "logits"  # of a member in a store
SPEED_FILE = "speed.json"  # likewise
CHOICES_FILE = "choices.json"  # likewise
LEARNED = "digests of the images that a member learned from"  # for the seal
FORMAT, SEALED = 2, 2  # what is written, and the first that had a seal
KEPT = (  # of a member in its record, beside its plan
    "name",
    "fitted",
    "classes",
    "class_count",
    "image_size",
    "parameters",
    "seconds",
    "trained_on",
    "history",
)
ENTRIES = {  # of a record, by their annotations
    "name": str,
    "fitted": bool,
    "classes": tuple[str, ...] | None,
    "class_count": int,
    "image_size": tuple[int | None, ...],
    "parameters": int,
    "seconds": float,
    "trained_on": int | None,
    "history": tuple[Mapping[str, Any], ...],
    "plan": Mapping[str, Any] | None,
    "made_of": tuple[Mapping[str, Any], ...] | None,
    "pixels": Mapping[str, Any] | None,
    "sha256": str,
    LEARNED_HASH: str | None,
}
CHANGED = "one that was changed or cut"
NOT_AS_SAVED = (
    "Expected {file} as it was saved, as it tells which images the member has seen; received {what}. Copy the member "
    "again, or train it anew."
)


def write(
    folder: Path, model: keras.Model, record: dict[str, Any], learned_from: frozenset[bytes] = frozenset()
) -> Path:
    """Write a network and what is known of it, with the digests of the images that it learned from; an earlier member
    there is replaced, with its logits and its speed.
    """
    with replacing(folder, RECORD_FILE, also=(LOGITS_FOLDER, SPEED_FILE, CHOICES_FILE, LEARNED_FILE)) as beside:
        beside.mkdir()
        model.save(beside / MODEL_FILE)
        hashes = {"sha256": fingerprint(beside / MODEL_FILE), LEARNED_HASH: _write_learned(beside, learned_from)}
        history = [{name: _as_json(value) for name, value in row.items()} for row in record["history"]]
        whole = {**record, "history": history, **hashes}
        write_json(beside / RECORD_FILE, sealed(whole, FORMAT))
    return folder


def _write_learned(folder: Path, learned_from: frozenset[bytes]) -> str | None:
    """Write the digests, and return the hash of their file; None where there are none."""
    if not learned_from:
        return None
    digests = np.frombuffer(b"".join(sorted(learned_from)), np.uint8)
    write_sealed_array(folder / LEARNED_FILE, digests.reshape(len(learned_from), -1), LEARNED)
    return fingerprint(folder / LEARNED_FILE)


def read_record(folder: Path) -> dict[str, Any]:
    """Read the record, and check that the other files are those that were written with it.

    Raises:
        FileNotFoundError: no member there.
        ValueError: a record of another format, or a file that was changed, cut or lost.
    """
    model_file = folder / MODEL_FILE
    if not (folder / RECORD_FILE).is_file() or not model_file.is_file():
        raise FileNotFoundError(
            f"Expected a saved member in {folder}; {RECORD_FILE} or {MODEL_FILE} is missing. Copy it again."
        )
    what = f"a member in {folder / RECORD_FILE}"
    record = unsealed(read_json(folder / RECORD_FILE), FORMAT, what, first=SEALED)
    check_entries(record, ENTRIES, what)
    if record["sha256"] != fingerprint(model_file):
        raise ValueError(
            f"Expected {model_file} as it was saved; received a file that was changed or cut. Copy it again."
        )
    _check_learned(folder, record)
    return record


def _check_learned(folder: Path, record: Mapping[str, Any]) -> None:
    """Check the digests while the member can still be refused; records of earlier versions do not know their hash."""
    file = folder / LEARNED_FILE
    found = fingerprint(file) if file.is_file() else None
    if LEARNED_HASH not in record:
        read_learned(folder)
    elif record[LEARNED_HASH] != found:
        raise ValueError(NOT_AS_SAVED.format(file=file, what="none" if found is None else CHANGED))


def read_learned(folder: Path) -> frozenset[bytes]:
    """The digests of the images that a member learned from; none of one of an earlier version.

    Raises:
        ValueError: a file that was changed or cut.
    """
    file = folder / LEARNED_FILE
    try:
        return frozenset(row.tobytes() for row in read_sealed_array(file, LEARNED, "u", 2))
    except FileNotFoundError:
        return frozenset()
    except ValueError as error:
        raise ValueError(NOT_AS_SAVED.format(file=file, what=CHANGED)) from error


def format_of(folder: Path) -> int:
    """The format of a member's record.

    Raises:
        OSError: there is no record, or it cannot be read.
        ValueError: it is no record, or of a format that this version cannot read.
    """
    record = read_json(folder / RECORD_FILE)
    found = record.get("format") if isinstance(record, dict) else None
    return check_format(found, FORMAT, f"a member in {folder / RECORD_FILE}")


@users_randomness()
def read_model(folder: Path, record: Mapping[str, Any]) -> keras.Model:
    """Read the network, uncompiled; Keras' safe mode runs no code from the file.

    Raises:
        FileNotFoundError: the file is gone, as that of an ensemble without a store when its process ends.
        ValueError: a network that cannot be loaded, or of other images or classes than its record says.
    """
    check_not_forked()
    if not (folder / MODEL_FILE).exists():
        raise FileNotFoundError(
            f"Expected a member's network in {folder}; it is gone. Networks of an ensemble without a store go with its "
            "process, also for a pickle: give it a store, or call ensemble.save(path) and load that."
        )
    model = load_network(folder / MODEL_FILE)
    with as_written(f"a network in {folder}"):  # one of several inputs or outputs has others
        found = (tuple(model.input_shape[1:3]), model.output_shape[-1])
    if found != (tuple(record["image_size"]), record["class_count"]):
        raise ValueError(
            f"Expected a network of images of {record['image_size']} and {record['class_count']} classes in {folder}; "
            f"received one of {found[0]} and {found[1]}. Copy the member again."
        )
    return model


def _as_json(value: Any) -> Any:
    """A figure for JSON, which has neither NaN nor infinity: of an epoch that diverged it is unknown there."""
    return None if isinstance(value, float) and not math.isfinite(value) else value
