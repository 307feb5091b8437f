"""Exact duplicates: the same pixels more than once.

Copies with one label are kept once. Copies under several labels are dropped altogether: planted outliers look
like this (one picture, thousands of times, under assorted labels), and a label that contradicts itself teaches
nothing and scores nothing.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from zoo.data.checks import check_every_class
from zoo.data.images import Images, Splits

logger = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Duplicates:
    """What was found.

    Attributes:
        repeated: ``(N,)`` bool, copies of an image with one label of which another copy is kept, in this split or
            in another.
        conflicting: ``(N,)`` bool, every copy of an image with several labels, wherever the others are.
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


def digests(images: Images) -> list[bytes]:
    """Hash every image's pixels: equal digests are equal pictures. Computed once for one ``Images``."""
    return list(images.digests)


def find_duplicates(images: Images) -> Duplicates:
    """Find rows with identical pixels."""
    return _find(images.digests, images.labels)


def drop_duplicates(splits: Splits, *, whole: bool = True) -> tuple[Splits, dict[str, Duplicates]]:
    """Leave duplicates out of all splits together.

    Of copies with one label the test split keeps one before validation, validation before training, and each
    split its first. Copies under several labels go from every split, also where no single split contradicts
    itself. A validation or test split of which nothing is left is None in the result.

    Args:
        splits: the images.
        whole: every class must have training images left; False for images to score.

    Returns:
        The clean splits, and by split what was left out.

    Raises:
        ValueError: a class of which nothing is left to train on.
    """
    found = _find_among(splits)
    clean = {name: images.subset(~found[name].dropped) for name, images in splits.items()}
    if whole:
        _check_left(splits.train, clean["train"], found["train"])
        check_every_class(clean["train"])
    return Splits(**{name: images for name, images in clean.items() if len(images) or name == "train"}), found


def _check_left(train: Images, clean: Images, found: Duplicates) -> None:
    """Check that no class went with the copies, under conflicting labels or of another split's images.

    Raises:
        ValueError: one did.
    """
    gone = (train.counts > 0) & (clean.counts == 0)
    names = [name for name, lost in zip(train.classes, gone, strict=True) if lost]
    for copies, of, remedy in (
        (found.conflicting, "one picture under several labels", "Keep the right label of each"),
        (found.repeated, "images to validate or to test with", "Take them out of one of the two"),
    ):
        rows = np.flatnonzero(np.isin(train.labels, np.flatnonzero(gone)) & copies)
        if len(rows):
            raise ValueError(
                f"Expected images of every class; none of {', '.join(names)} is left, as {len(rows)} of them are "
                f"copies of {of}, such as {train.origins[rows[0]]}. {remedy}, or keep all: drop_duplicates=False "
                "(zoo: --keep-duplicates)."
            )


def without_duplicates(splits: Splits, *, whole: bool = True) -> Splits:
    """Leave duplicates out as :func:`drop_duplicates` does, and log how many.

    Raises:
        ValueError: a class of which nothing is left to train on.
    """
    clean, found = drop_duplicates(splits, whole=whole)
    for name, duplicates in found.items():
        if duplicates.dropped.any():
            logger.info("left out of %s: %s", name, duplicates)
    return clean


def rows_by_key(keys: Sequence[Hashable]) -> list[list[int]]:
    """Group the rows by a key, such as the hash of their picture, in the order in which the keys come first."""
    groups = defaultdict(list)
    for row, key in enumerate(keys):
        groups[key].append(row)
    return list(groups.values())


def _find_among(splits: Splits) -> dict[str, Duplicates]:
    """Find duplicates in all splits laid end to end, test first: the first copy is the one that is kept."""
    names, parts = zip(*reversed(splits.items()), strict=True)
    together = _find([key for images in parts for key in images.digests], np.concatenate([p.labels for p in parts]))
    ends = np.cumsum([len(images) for images in parts])[:-1]
    masks = zip(np.split(together.repeated, ends), np.split(together.conflicting, ends), strict=True)
    found = {name: Duplicates(*pair) for name, pair in zip(names, masks, strict=True)}
    return {name: found[name] for name, _ in splits.items()}


def _find(keys: Sequence[bytes], labels: np.ndarray) -> Duplicates:
    repeated, conflicting = np.zeros((2, len(labels)), dtype=bool)
    for rows in rows_by_key(keys):
        if len(set(labels[rows].tolist())) > 1:
            conflicting[rows] = True
        else:
            repeated[rows[1:]] = True
    return Duplicates(repeated, conflicting)
