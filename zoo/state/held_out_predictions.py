"""What rules, calibration and thresholds are fitted on: predictions for images that no network was trained on."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ensembles.folds import usable_folds
from ensembles.shares import numbered
from zoo.data.groups import of_groups
from zoo.data.images import Images
from zoo.state.provenance import DIGEST_SIZE, check_digests
from zoo.utils.array_files import read_array
from zoo.utils.files import write_array

FILES = {"digests": 2, "labels": 1, "logits": 3}  # and their axes
GROUPS_FILE = "groups.npy"  # where there are groups


@dataclass(frozen=True, eq=False, repr=False)
class HeldOutPredictions:
    """Labelled logits, with the digests of the images that they are of.

    Attributes:
        digests: ``(N,)`` of the images.
        labels: ``(N,)`` class ids.
        logits: ``(members, N, classes)`` float32.
        folds: 0 where they are of validation images, else of training images in so many folds, every image predicted by
            a network that was trained without it.
        groups: ``(N,)`` int64, the number of each image's group; None where every image is by itself.
    """

    digests: tuple[bytes, ...]
    labels: np.ndarray
    logits: np.ndarray
    folds: int = 0
    groups: np.ndarray | None = None

    def __repr__(self) -> str:
        return f"<HeldOutPredictions of {len(self.logits)} members for {len(self.labels):,} images>"

    @property
    def fold_groups(self) -> np.ndarray | None:
        """The groups that stay together where rules are fitted out of fold; None where a class has one alone."""
        return self.groups if self.groups is None or usable_folds(self.labels, 2, self.groups) > 1 else None

    def covers(self, images: Images) -> bool:
        """Whether these are exactly the images."""
        return frozenset(images.digests) == frozenset(self.digests)

    def of(self, images: Images) -> np.ndarray:
        """The logits ``(members, n, classes)`` of images that are covered, in their order."""
        found: np.ndarray = self.logits[:, self.rows_of(images)]
        return found

    def rows_of(self, images: Images) -> list[int]:
        """The rows of images that are covered, in their order; copies of one picture are found one after another."""
        if images.digests == self.digests:
            return list(range(len(self.digests)))
        rows = defaultdict[bytes, list[int]](list)
        for row, digest in enumerate(self.digests):
            rows[digest].append(row)
        nth = Counter[bytes]()
        found = []
        for digest in images.digests:
            own = rows[digest]
            found.append(own[min(nth[digest], len(own) - 1)])
            nth[digest] += 1
        return found

    def describe(self, count: int) -> str:
        """Say of so many covered images how they are scored."""
        groups = of_groups(self.groups)
        if self.folds:
            return f"{count} training images{groups}, each by networks trained without it; learned rules out of fold"
        return f"{count} held-out validation images{groups}, which may have chosen epochs; learned rules out of fold"

    def write(self, folder: Path) -> None:
        """Write the arrays as ``.npy``."""
        folder.mkdir(parents=True, exist_ok=True)
        digests = np.frombuffer(b"".join(self.digests), np.uint8).reshape(-1, DIGEST_SIZE)
        for name, array in zip(FILES, (digests, self.labels, self.logits), strict=True):
            write_array(folder / f"{name}.npy", array)
        if self.groups is None:
            (folder / GROUPS_FILE).unlink(missing_ok=True)
        else:
            write_array(folder / GROUPS_FILE, self.groups)


def held_out_predictions_of(images: Images, logits: np.ndarray, folds: int) -> HeldOutPredictions:
    """Combine logits with the digests, labels and groups of their images."""
    groups = None if images.groups is None else numbered(images.groups, len(images), "groups").astype(np.int64)
    return HeldOutPredictions(images.digests, images.labels, logits, folds, groups)


def read_held_out_predictions(folder: Path, folds: int) -> HeldOutPredictions:
    """Read what :meth:`HeldOutPredictions.write` wrote.

    Raises:
        FileNotFoundError: it is not there.
        ValueError: arrays that are cut, damaged, of other kinds, or not about the same images.
    """
    digests, labels, logits = (read_array(folder / f"{name}.npy", axes=axes) for name, axes in FILES.items())
    check_digests(digests, folder)
    _check_alike(digests, labels, logits, folder)
    grouped = (folder / GROUPS_FILE).is_file()
    groups = read_array(folder / GROUPS_FILE, "iu", 1) if grouped else None
    if groups is not None and len(groups) != len(labels):
        raise ValueError(f"Expected a group for each of {len(labels)} images in {folder}; received {len(groups)}.")
    return HeldOutPredictions(tuple(row.tobytes() for row in digests), labels, logits, folds, groups)


def _check_alike(digests: np.ndarray, labels: np.ndarray, logits: np.ndarray, folder: Path) -> None:
    classes, rows = logits.shape[-1], {len(digests), len(labels), logits.shape[1]}
    fits = len(rows) == 1 and labels.dtype.kind in "iu" and logits.dtype.kind == "f" and np.isfinite(logits).all()
    if not fits or not (len(labels) == 0 or 0 <= labels.min() <= labels.max() < classes):
        raise ValueError(
            f"Expected finite logits, labels and digests of the same images in {folder}; received logits of shape "
            f"{logits.shape}, {len(labels)} labels and {len(digests)} digests. Copy the run again."
        )
