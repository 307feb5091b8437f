"""Provenance: which images members were trained on and rules were fitted on, known by their content."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from zoo.data.duplicates import digests
from zoo.data.groups import group_digests, of_groups
from zoo.data.images import Images, Splits
from zoo.utils.array_files import read_array
from zoo.utils.files import write_array
from zoo.utils.text import count_of

DIGEST_SIZE = 16
IMAGES, GROUPS = ("train", "validation"), ("train_groups", "validation_groups")


@dataclass(frozen=True, repr=False)
class Provenance:
    """The images of a fit.

    Attributes:
        train: digests of the images that members learned from.
        validation: digests of the images that chose epochs, and without folds fitted the rules.
        folds: with folds the training images fitted the rules, each predicted by networks that were not trained on it.
        train_groups: digests of the names of the training images' groups, such as patients; none where they had none.
        validation_groups: those of the validation images.
    """

    train: frozenset[bytes]
    validation: frozenset[bytes]
    folds: int = 0
    train_groups: frozenset[bytes] = frozenset()
    validation_groups: frozenset[bytes] = frozenset()

    def as_plain(self) -> list[list[str]]:
        """The digests as texts, sorted, for a hash of it all."""
        parts = (self.train, self.validation, self.train_groups, self.validation_groups)
        return [sorted(digest.hex() for digest in part) for part in parts]

    def __repr__(self) -> str:
        return f"<Provenance of {len(self.train):,} training and {len(self.validation):,} validation images>"

    def describe(self, images: Images, split: str) -> str:
        """Describe how many images to score, or others of their groups, were seen: scores on these are optimistic."""
        did = ("trained the members", "chose epochs or fitted the rules")
        if self.folds:
            did = ("trained the members and fitted the rules", "chose the epochs")
        notes = [
            *_told(images, self.train, self.train_groups, did[0]),
            *_told(images, self.validation, self.validation_groups, did[1]),
        ]
        return f"{count_of(len(images), 'image')}{of_groups(images.groups)} ({split}); " + (
            "; ".join(notes) or "no member or rule saw any of them"
        )

    def caution(self, images: Images) -> str:
        """Say how many images are of groups that members were trained on, or that the groups are not known."""
        if self.train_groups and images.groups is None:
            return (
                "members were trained by groups, and the groups of these images are not known: intervals count images, "
                "and are too narrow. Name the groups: a column `group`, zoo.load(..., group_from=...), --group-from"
            )
        found = [name for name in group_digests(images.groups) if name in self.train_groups]
        if not found:
            return ""
        return (
            f"{len(found)} of {len(images)} images are of {len(set(found))} groups that members were trained on: the "
            "score is too good for new ones"
        )

    def count_of_seen_groups(self, images: Images, own: Sequence[bool]) -> int:
        """Count the images of groups that members were trained on, beside those that ``own`` marks as seen."""
        names = zip(group_digests(images.groups), own, strict=False)
        return sum(name in self.train_groups and not seen for name, seen in names)

    def write(self, folder: Path) -> None:
        """Write the digests as ``.npy``, those of groups where there are some."""
        for name in (*IMAGES, *(name for name in GROUPS if getattr(self, name))):
            rows = sorted(getattr(self, name))
            array = np.frombuffer(b"".join(rows), np.uint8).reshape(-1, DIGEST_SIZE)
            write_array(folder / f"seen_{name}.npy", array)


def _told(images: Images, known: frozenset[bytes], groups: frozenset[bytes], did: str) -> list[str]:
    """Say how many images are known, and how many others are of known groups."""
    own = [digest in known for digest in digests(images)]
    names = zip(group_digests(images.groups), own, strict=False)
    others = [name for name, seen in names if name in groups and not seen]
    told = [f"{sum(own)} of them {did}"] if any(own) else []
    return told + ([f"{len(others)} others are of {len(set(others))} groups whose images {did}"] if others else [])


def provenance_of(data: Splits, folds: int, learned_from: frozenset[bytes] = frozenset()) -> Provenance:
    """Record the images of a fit, and those that fitted members learned from before it."""
    parts = data.train, data.to_validate()
    images = [frozenset(digests(part)) for part in parts]
    return Provenance(
        images[0] | learned_from, images[1], folds, *(frozenset(group_digests(part.groups)) for part in parts)
    )


def read_provenance(folder: Path, folds: int) -> Provenance:
    """Read what :meth:`Provenance.write` wrote; earlier versions wrote no groups.

    Raises:
        FileNotFoundError: images' digests are not there.
        ValueError: files that are cut, damaged, or no digests.
    """
    present = [name for name in GROUPS if (folder / f"seen_{name}.npy").is_file()]
    arrays = {name: read_array(folder / f"seen_{name}.npy", axes=2) for name in (*IMAGES, *present)}
    for array in arrays.values():
        check_digests(array, folder)
    return Provenance(folds=folds, **{name: frozenset(map(bytes, rows)) for name, rows in arrays.items()})


def check_digests(array: np.ndarray, folder: Path) -> None:
    """Check that an array is of digests, ``(N, 16)`` uint8.

    Raises:
        ValueError: it is not.
    """
    if array.dtype != np.uint8 or array.shape[1:] != (DIGEST_SIZE,):
        raise ValueError(
            f"Expected digests of images in {folder}, (N, {DIGEST_SIZE}) uint8; received {array.dtype} of shape "
            f"{array.shape}. Copy the run again."
        )
