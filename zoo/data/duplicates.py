"""Exact duplicates: the same pixels more than once.

Copies with one label are kept once. Copies under several labels are dropped altogether: planted outliers look
like this (one picture, thousands of times, under assorted labels), and a label that contradicts itself teaches
nothing.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass, replace

import numpy as np

from zoo.data.images import CHUNK, Images, Splits


@dataclass(frozen=True, eq=False)
class Duplicates:
    """What was found.

    Attributes:
        repeated: ``(N,)`` bool, the second and later copies of an image with one label.
        conflicting: ``(N,)`` bool, every copy of an image with several labels.
    """

    repeated: np.ndarray
    conflicting: np.ndarray

    @property
    def dropped(self) -> np.ndarray:
        """``(N,)`` bool, the rows to leave out."""
        return self.repeated | self.conflicting

    def __str__(self) -> str:
        return (
            f"{self.conflicting.sum()} copies under conflicting labels, {self.repeated.sum()} repeated copies"
            f" among {len(self.repeated)} images"
        )


def find_duplicates(images: Images) -> Duplicates:
    """Find rows with identical pixels."""
    groups = defaultdict(list)
    for row, digest in enumerate(_digests(images)):
        groups[digest].append(row)
    repeated, conflicting = np.zeros((2, len(images)), dtype=bool)
    for rows in groups.values():
        if len(set(images.labels[rows].tolist())) > 1:
            conflicting[rows] = True
        else:
            repeated[rows[1:]] = True
    return Duplicates(repeated, conflicting)


def drop_duplicates(splits: Splits) -> tuple[Splits, dict[str, Duplicates]]:
    """Leave duplicates out of every split, and out of training what validation or test also hold.

    Returns:
        The clean splits, and by split what was left out.
    """
    found = {name: find_duplicates(images) for name, images in splits.items()}
    clean = {name: images.subset(~found[name].dropped) for name, images in splits.items()}
    held_out = {digest for name, images in clean.items() if name != "train" for digest in _digests(images)}
    leaked = np.array([digest in held_out for digest in _digests(splits.train)]) & ~found["train"].dropped
    clean["train"] = splits.train.subset(~(found["train"].dropped | leaked))
    found["train"] = replace(found["train"], repeated=found["train"].repeated | leaked)
    return Splits(**clean), found


def _digests(images: Images) -> list[bytes]:
    return [
        hashlib.blake2b(picture, digest_size=16).digest()
        for start in range(0, len(images), CHUNK)
        for picture in images.take(np.arange(start, min(start + CHUNK, len(images))))
    ]
