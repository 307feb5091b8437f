"""Provenance: which images members were trained on and rules were fitted on, known by their content."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from zoo.data.duplicates import digests
from zoo.data.groups import of_groups
from zoo.data.images import Images, Splits
from zoo.utils.files import write_array

DIGEST_SIZE = 16


@dataclass(frozen=True)
class Provenance:
    """The images of a fit.

    Attributes:
        train: digests of the images that members learned from.
        validation: digests of the images that chose epochs, and without folds fitted the rules.
        folds: with folds the training images fitted the rules, each predicted by networks that were not trained on it.
    """

    train: frozenset[bytes]
    validation: frozenset[bytes]
    folds: int = 0

    def describe(self, images: Images, split: str) -> str:
        """Describe how many of the images to score were seen, as scores on those are optimistic."""
        own = digests(images)
        counts = ((len([d for d in own if d in group]), what) for group, what in self._groups())
        notes = [f"{count} of them {what}" for count, what in counts if count]
        return f"{len(images)} images{of_groups(images.groups)} ({split}); " + (
            "; ".join(notes) or "no member or rule saw any of them"
        )

    def write(self, folder: Path) -> None:
        """Write the digests as ``.npy``."""
        for name in ("train", "validation"):
            rows = sorted(getattr(self, name))
            array = np.frombuffer(b"".join(rows), np.uint8).reshape(-1, DIGEST_SIZE)
            write_array(folder / f"seen_{name}.npy", array)

    def _groups(self) -> list[tuple[frozenset[bytes], str]]:
        if self.folds:
            return [(self.train, "trained the members and fitted the rules"), (self.validation, "chose the epochs")]
        return [(self.train, "trained the members"), (self.validation, "chose epochs or fitted the rules")]


def provenance_of(data: Splits, folds: int) -> Provenance:
    """Record the images of a fit."""
    return Provenance(frozenset(digests(data.train)), frozenset(digests(data.to_validate())), folds)


def read_provenance(folder: Path, folds: int) -> Provenance:
    """Read what :meth:`Provenance.write` wrote.

    Raises:
        FileNotFoundError: it is not there.
    """
    train, validation = (np.load(folder / f"seen_{name}.npy") for name in ("train", "validation"))
    known = [frozenset(row.tobytes() for row in rows) for rows in (train, validation)]
    return Provenance(known[0], known[1], folds)
