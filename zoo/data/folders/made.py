"""Folders that this library writes, told by what they hold, as they hold no data though they may lie among it."""

from __future__ import annotations

from collections.abc import Set

from zoo.data.pictures.formats import image_suffixes, suffix_of

RUN = frozenset(["members", "ensembles", "rules", "shared", "progress", "decoded", "engines", "locks"])  # its folders
BEGUN = frozenset({"log.txt", "locks"})  # what a run holds before all else
ALONE = (  # a folder that holds all of one set was written as a whole
    frozenset({"manifest.json", "saved_model.pb"}),  # exports
    frozenset({"manifest.json", "model.onnx"}),
    frozenset({"manifest.json", "model.tflite"}),
    frozenset({"findings.csv", "summary.md"}),  # of zoo clean
    frozenset({"maps.npy", "answers.csv", "overlays"}),  # of zoo explain
    frozenset({"plan.json", "answers"}),  # parts of a table that zoo predict did not end
)
BESIDE = (  # these may have been written beside what was there
    frozenset({"ensemble.json", "members"}),  # a run
    frozenset({"leaderboard.csv", "answers.csv"}),  # of zoo evaluate
)


def is_made(names: Set[str]) -> bool:
    """Say whether a folder is one that this library writes, by the names of what it holds.

    A run that has only begun is told by holding nothing else, and images beside the files of a run are data.
    """
    if any(mark <= names for mark in ALONE):
        return True
    begun = bool(names & BEGUN) and names <= RUN | BEGUN
    return (begun or any(mark <= names for mark in BESIDE)) and not _has_images(names)


def _has_images(names: Set[str]) -> bool:
    suffixes = image_suffixes()
    return any(suffix_of(name) in suffixes for name in names)
