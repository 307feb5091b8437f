"""The record beside an exported graph: classes, input, versions, how good it is, and the hashes of its files."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, packages_distributions, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import ensembles
from ensembles.seals import sealed, unsealed
from zoo.export.format import INT8
from zoo.state.export_files import MANIFEST_FILE, manifest_file
from zoo.utils.files import read_json, write_json
from zoo.utils.hashing import check_unchanged, folder_hashes, hash_file
from zoo.utils.records import check_entries
from zoo.utils.version import __version__

if TYPE_CHECKING:
    from zoo.export.format import Format
    from zoo.export.graph import EnsembleGraph
    from zoo.state.state import EnsembleState

logger = logging.getLogger(__name__)

FORMAT_KEY, FORMAT = "manifest_format", 1  # earlier ones had none, and no seal; "format" is the graph's
ENTRIES = {  # by their annotations
    "classes": tuple[str, ...],
    "labels": Mapping[str, Any] | None,
    "images": Mapping[str, Any],
    "reading": Mapping[str, Any] | None,
    "outputs": tuple[str, ...],
    "method": str,
    "format": str,
    "pixels": int,
    "files": Mapping[str, str],
}
ABSTAIN = (0.001, 0.005, 0.01, 0.02, 0.05)  # error rates whose thresholds are listed
COVERAGES = (0.9, 0.95, 0.99)  # of conformal sets whose thresholds are listed


def format_at(path: Path) -> str | None:
    """The format of an export, by its manifest; None where there is none, or where it cannot be read."""
    try:
        return str(read_json(manifest_file(path))["format"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_manifest(
    state: EnsembleState, method: str, folder: Path, graph: EnsembleGraph, form: Format, **how: Any
) -> dict[str, Any]:
    """Write the record of an exported folder, and return it.

    Args:
        state: of a fitted ensemble.
        method: the rule that was written.
        folder: of the complete model.
        graph: the graph that was written.
        form: its format.
        how: further entries, such as the storage and the differences from the live ensemble.
    """
    record = {
        **describe(state, method, uncertainty="uncertainty" in graph.outputs),
        "outputs": graph.outputs,
        "versions": _versions(form),
        "format": form.name,
        "signatures": {name: list(inputs) for name, inputs in form.signatures.items()},
        "parameters": graph.parameters,
        "pixels": graph.pixels,
        **how,
        "files": hashes(folder),
    }
    if how.get("storage") == INT8:
        record["conformal"] = None  # thresholds of the ensemble's own numbers, which int8 has not
    write_json(folder / MANIFEST_FILE, sealed(record, FORMAT, FORMAT_KEY))
    return record


def describe(state: EnsembleState, method: str, *, uncertainty: bool) -> dict[str, Any]:
    """Describe what an ensemble predicts, as plain values: the part of the record that any graph of it has.

    Args:
        state: of a fitted ensemble.
        method: the rule that predicts.
        uncertainty: the graph predicts that too, so that its thresholds are wanted.
    """
    height, width = state.image_size
    return {
        "labels": None,  # where the fit was given none
        **state.targets.as_dict(),
        "ids": list(range(len(state.class_names))),
        "images": {"dtype": "uint8", "shape": [None, height, width, 3], "range": [0, 255], "channels": "RGB"},
        "reading": state.reading.as_dict(),
        "members": [member.name for member in state.members],
        "method": method,
        "rule": ensembles.to_dict(state.rule(method)),
        "uncertainty": _thresholds(state, method) if uncertainty else None,
        "conformal": _conformal(state, method),
        "leaderboard": {"where": state.leaderboard.where, "row": state.leaderboard.of_rule(method) or {}},
    }


def read_manifest(path: Path) -> dict[str, Any]:
    """Read the record of an export, a folder or one file, and check the files against their hashes.

    Raises:
        FileNotFoundError: no manifest.
        ValueError: a manifest of a newer format, or files that were changed, cut, added or removed since they were
            written, the manifest among them.
    """
    file = manifest_file(path)
    if not file.is_file():
        raise FileNotFoundError(
            f"Expected an exported ensemble at {path}; it has no {file.name}. Write one: zoo export."
        )
    what = f"an exported ensemble in {file}"
    record = unsealed(read_json(file), FORMAT, what, first=FORMAT, key=FORMAT_KEY, oldest=0)
    check_entries(record, ENTRIES, what)
    # The name of the one file is its owner's to change; that of its record goes with it.
    found = dict.fromkeys(record["files"], hash_file(path)) if path.is_file() else hashes(path)
    check_unchanged(path, record["files"], found, "Copy it again, or export it again.")
    return record


def hashes(folder: Path) -> dict[str, str]:
    """SHA-256 of every file of an export's folder, by its path in it, but of the manifest."""
    return folder_hashes(folder, leave_out=MANIFEST_FILE)


def _versions(form: Format) -> dict[str, str]:
    """Versions of the packages that wrote the graph."""
    import keras
    import tensorflow as tf  # whose distribution has several names

    own = {"ensemble-zoo": __version__, "keras": keras.__version__, "tensorflow": tf.__version__}
    return own | {module: _version(module) for module in form.needs}


def _version(module: str) -> str:
    """The version of a module, whatever its distribution is called: onnxruntime's is onnxruntime-gpu for some."""
    try:
        return version(module)
    except PackageNotFoundError:
        return version(packages_distributions()[module][0])


def _thresholds(state: EnsembleState, method: str) -> dict[str, Any]:
    """The uncertainty up to which to accept predictions, by wanted error rate; null where none can be accepted."""
    from zoo.evaluation.abstention import abstention  # these load Keras, which reading a manifest does not need
    from zoo.evaluation.cautions import caution_of_threshold

    limits = {str(error): abstention(state, error, method=method) for error in ABSTAIN}
    plain = {
        error: vars(limit) | {"threshold": limit.threshold if np.isfinite(limit.threshold) else None}
        for error, limit in limits.items()
    }
    cautions = {str(error): caution_of_threshold(state, error) for error in ABSTAIN}
    doubtful = [error for error, caution in cautions.items() if caution]
    if doubtful:
        text = "thresholds for errors of %s rest on few held-out images, %d; manifest.json says how many they need"
        logger.warning(text, ", ".join(doubtful), len(state.held_out.labels))
    rows = len(state.held_out.labels)
    return {"score": state.uncertainty, "thresholds": plain, "rows": rows, "cautions": cautions}


def _conformal(state: EnsembleState, method: str) -> dict[str, Any]:
    """The highest score of a class that is in a conformal set, by wanted coverage; null where every class is in it."""
    held_out, logits = state.held_out, state.cross_fitted_logits(method)
    thresholds = {}
    for coverage in COVERAGES:
        conformal = ensembles.Conformal(coverage=coverage).fit(logits, held_out.labels, held_out.groups)
        highest = float(conformal.thresholds_.max())  # the same for all classes
        thresholds[str(coverage)] = highest if np.isfinite(highest) else None
    return {"score": ensembles.Conformal.score, "thresholds": thresholds, "rows": len(held_out.labels)}
