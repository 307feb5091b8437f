"""The files that mark an export; they are named in this low room because a run must be distinguished from an export."""

from __future__ import annotations

from pathlib import Path

MANIFEST_FILE = "manifest.json"
GRAPH_FILE = "saved_model.pb"  # of a SavedModel


def manifest_file(path: Path) -> Path:
    """Where the manifest of an export lies: in its folder, or beside its one file."""
    return path.with_name(f"{path.name}.json") if path.is_file() else path / MANIFEST_FILE
