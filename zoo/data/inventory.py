"""What became of every file of a source: read, or left out for a reason. None goes missing in silence."""

from __future__ import annotations

import logging
import os
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath

from zoo.data.pictures.formats import HEIC_REMEDY
from zoo.utils.text import count_of

logger = logging.getLogger(__name__)


class Reason(StrEnum):
    """Why a file is not read."""

    HIDDEN = "hidden, or litter of desktops"
    NO_IMAGE = "no images by their names"
    NOTES = "no images, beside the class folders"
    MISNAMED = "images without an image's suffix"
    HEIC = "HEIC"
    BROKEN_LINK = "links to nothing"
    REPEATED = "links to what is read already"
    SPECIAL = "pipes, sockets or devices"
    CLOSED = "folders that cannot be opened"
    LOOSE = "images beside the class folders"
    BESIDE = "in folders beside the splits"
    UNLABELLED = "in folders of images to predict"
    MADE = "in runs, exports and reports of this library"
    UNREADABLE = "images that cannot be read"


NAMED = 3  # files in a line of the log
QUIET = frozenset({Reason.HIDDEN, Reason.NOTES, Reason.MADE})
REMEDIES = {
    Reason.MISNAMED: "rename them to have them read",
    Reason.HEIC: HEIC_REMEDY,
    Reason.BROKEN_LINK: "fetch what they point to (git annex get, dvc pull), or remove them",
    Reason.CLOSED: "change their permissions",
    Reason.LOOSE: "put them into a class folder",
}


@dataclass(frozen=True, repr=False)
class Inventory:
    """Every file of a source, by what became of it.

    ``len(inventory)`` is the number of files there: those that are read and those that are left out. A link counts as
    one file; a linked folder that is followed counts as the files in it.

    Attributes:
        read: the files that are read, by their paths in the source.
        left_out: those that are not, by reason.
    """

    read: tuple[str, ...]
    left_out: Mapping[Reason, tuple[str, ...]]

    def __len__(self) -> int:
        return len(self.read) + sum(self.counts.values())

    def __repr__(self) -> str:
        return f"<Inventory: {self}>"

    def __str__(self) -> str:
        named = ", ".join(f"{count} {reason}" for reason, count in self.counts.items())
        left_out = f", {sum(self.counts.values())} left out ({named})" if named else ""
        return f"{count_of(len(self.read), 'file')} read{left_out}"

    @property
    def counts(self) -> dict[Reason, int]:
        """How many files each reason leaves out."""
        return {reason: len(paths) for reason, paths in self.left_out.items() if paths}

    def without(self, reasons: Mapping[str, Reason]) -> Inventory:
        """Leave some of the files that were to be read out, for a reason each."""
        left_out = defaultdict(list, {reason: list(paths) for reason, paths in self.left_out.items()})
        for path, reason in reasons.items():
            left_out[reason].append(path)
        read = tuple(path for path in self.read if path not in reasons)
        return Inventory(read, {reason: tuple(paths) for reason, paths in left_out.items()})


def log_left_out(root: object, left_out: Mapping[Reason, tuple[str, ...]]) -> None:
    """Name in the log what is left out: for each reason how many files, where, some of them, and the remedy."""
    for reason, found in left_out.items():
        if found:
            level = logging.INFO if reason in QUIET else logging.WARNING
            folder, named = _shortened(found)
            remedy = f"; {REMEDIES[reason]}" if reason in REMEDIES else ""
            where = Path(str(root), folder)
            total = count_of(len(found), "file")
            logger.log(level, "%s: %s left out: %s, such as %s%s", where, total, reason, named, remedy)


def _shortened(found: tuple[str, ...]) -> tuple[str, str]:
    """The folder that has all of some files, and some of their paths in it, each of another of its folders."""
    parents = {str(PurePosixPath(path).parent) for path in found}
    shared = PurePosixPath(os.path.commonpath(parents))
    inner = [PurePosixPath(path).relative_to(shared) for path in sorted(found)]
    firsts = {path.parts[0] if len(path.parts) > 1 else "": path for path in reversed(inner)}
    return str(shared), ", ".join(sorted(map(str, firsts.values()))[:NAMED])
