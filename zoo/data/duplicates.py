"""Exact duplicates: the same pixels more than once.

Copies with one label are kept once. Copies under several labels are dropped altogether: planted outliers look
like this (one picture, thousands of times, under assorted labels), and a label that contradicts itself teaches
nothing.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from zoo.data.checks import check_every_class
from zoo.data.images import CHUNK, Images, Splits


@dataclass(frozen=True, eq=False)
class Duplicates:
    """What was found.

    Attributes:
        repeated: ``(N,)`` bool, the second and later copies of an image with one label; in training also what
            validation or test hold.
        conflicting: ``(N,)`` bool, every copy of an image with several labels.
    """

    repeated: np.ndarray
    conflicting: np.ndarray

    @property
    def dropped(self) -> np.ndarray:
        """``(N,)`` bool, the rows to leave out."""
        return np.asarray(self.repeated | self.conflicting)

    def __str__(self) -> str:
        return (
            f"{self.conflicting.sum()} copies under conflicting labels, {self.repeated.sum()} repeated copies"
            f" among {len(self.repeated)} images"
        )


def find_duplicates(images: Images) -> Duplicates:
    """Find rows with identical pixels."""
    return _find(_digests(images), images.labels)


def drop_duplicates(splits: Splits) -> tuple[Splits, dict[str, Duplicates]]:
    """Leave duplicates out of every split, and out of training what validation or test also hold.

    A validation or test split of which nothing is left is None in the result.

    Returns:
        The clean splits, and by split what was left out.

    Raises:
        ValueError: a class of which nothing is left to train on.
    """
    digests = {name: _digests(images) for name, images in splits.items()}
    found = {name: _find(digests[name], images.labels) for name, images in splits.items()}
    held_out = {digest for name in digests if name != "train" for digest in digests[name]}
    found["train"] = _with_leaked(found["train"], np.array([digest in held_out for digest in digests["train"]]))
    clean = {name: images.subset(~found[name].dropped) for name, images in splits.items()}
    check_every_class(clean["train"])
    return Splits(**{name: images for name, images in clean.items() if len(images)}), found


def _find(digests: Sequence[bytes], labels: np.ndarray) -> Duplicates:
    groups = defaultdict(list)
    for row, digest in enumerate(digests):
        groups[digest].append(row)
    repeated, conflicting = np.zeros((2, len(labels)), dtype=bool)
    for rows in groups.values():
        if len(set(labels[rows].tolist())) > 1:
            conflicting[rows] = True
        else:
            repeated[rows[1:]] = True
    return Duplicates(repeated, conflicting)


def _with_leaked(found: Duplicates, leaked: np.ndarray) -> Duplicates:
    return replace(found, repeated=found.repeated | (leaked & ~found.conflicting))


def _digests(images: Images) -> list[bytes]:
    return [
        hashlib.blake2b(picture, digest_size=16).digest()
        for start in range(0, len(images), CHUNK)
        for picture in images.take(np.arange(start, min(start + CHUNK, len(images))))
    ]
