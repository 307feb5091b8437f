"""Stratified, seeded splits in which groups stay whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from zoo.data.groups import counts_by_class, units
from zoo.data.images import Images

MOST_TRIALS = 100
MOST_STEPS = 100_000  # of all trials together


def deal_groups(images: Images, counts: np.ndarray, names: Sequence[str], seed: int) -> list[np.ndarray]:
    """Draw rows for each split, near ``counts[class, split]``, with all of a group and all copies of a picture or none.

    Units are dealt one by one, larger ones first, to the split that needs their classes most; of several trials in
    other orders the one is taken that comes nearest.

    Args:
        images: with groups, or with copies.
        counts: ``(classes, splits)`` how many images of each class each split should have.
        names: of the splits.
        seed: of the orders.

    Returns:
        The rows of each split, in the order in which the images lie.

    Raises:
        ValueError: a class that lies in too few groups to be in every split.
    """
    numbers = units(images)
    _check_enough(images, counts_by_class(images, numbers), names)
    contents = _Contents.of(numbers, images)
    random = np.random.default_rng(seed)
    trials = min(MOST_TRIALS, max(1, MOST_STEPS // len(contents)))
    dealt = min(
        (_deal(contents, counts.T, random) for _ in range(trials)), key=lambda found: _cost(contents, counts.T, found)
    )
    _check_every_class(images, contents, counts.T, dealt, names)
    return [np.flatnonzero(dealt[numbers] == part) for part in range(len(names))]


@dataclass(frozen=True, eq=False)
class _Contents:
    """How many images of each class each unit has, in no more memory than their labels take.

    Attributes:
        labels: ``(images,)`` unit after unit.
        starts: ``(units + 1,)`` where each unit begins, and the end.
        classes: how many there are.
    """

    labels: np.ndarray
    starts: np.ndarray
    classes: int

    @classmethod
    def of(cls, numbers: np.ndarray, images: Images) -> _Contents:
        """Sort the labels by the numbers of their units."""
        starts = np.concatenate([[0], np.bincount(numbers).cumsum()])
        return cls(images.labels[np.argsort(numbers, kind="stable")], starts, len(images.classes))

    def __len__(self) -> int:
        return len(self.starts) - 1

    @property
    def totals(self) -> np.ndarray:
        """``(units,)`` the images of each unit."""
        return np.diff(self.starts)

    def size(self, unit: int) -> np.ndarray:
        """``(classes,)`` of one unit."""
        own = self.labels[self.starts[unit] : self.starts[unit + 1]]
        return np.bincount(own, minlength=self.classes).astype(np.float64)

    def given(self, parts: int, dealt: np.ndarray) -> np.ndarray:
        """``(parts, classes)`` of all units that a split was given."""
        cells = np.repeat(dealt, self.totals) * self.classes + self.labels
        return np.bincount(cells, minlength=parts * self.classes).reshape(parts, self.classes)


def _deal(contents: _Contents, wanted: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Give each unit to a split: ``(units,)``. The squared distance from what is wanted grows least where it is given.

    From the size ``u`` of the unit and what a split still needs, ``n``, that is ``|n - u|^2 - |n|^2``: least where
    ``u * n`` is largest.
    """
    scale = np.maximum(wanted.sum(axis=0), 1) ** 2
    needed = wanted / scale
    order = np.argsort(-contents.totals * random.uniform(0.5, 1.5, len(contents)))
    dealt = np.empty(len(contents), np.int64)
    for unit in order:
        size = contents.size(unit)
        part = int(np.argmax(needed @ size))
        needed[part] -= size / scale
        dealt[unit] = part
    return dealt


def _cost(contents: _Contents, wanted: np.ndarray, dealt: np.ndarray) -> tuple[int, float]:
    """How many classes are missing in splits, and how far all are from what is wanted."""
    given = contents.given(len(wanted), dealt)
    off = (given - wanted) / np.maximum(wanted.sum(axis=0), 1)
    return int(((given == 0) & (wanted.sum(axis=0) > 0)).sum()), float((off**2).sum())


def _check_enough(images: Images, groups: np.ndarray, names: Sequence[str]) -> None:
    counted = zip(images.classes, groups, strict=True)
    few = [f"{name} ({n})" for name, n in counted if 0 < n < len(names)]
    if few:
        what = "different pictures" if images.groups is None else "groups"
        raise ValueError(
            f"Expected at least {len(names)} {what} of every class to divide them into {' and '.join(names)}; too few "
            f"of {', '.join(few)}. Add some, pass validation images, or leave the class out."
        )


def _check_every_class(
    images: Images, contents: _Contents, wanted: np.ndarray, dealt: np.ndarray, names: Sequence[str]
) -> None:
    missing = (contents.given(len(wanted), dealt) == 0) & (images.counts > 0)
    if missing.any():
        where = [f"{images.classes[label]} in {names[part]}" for part, label in np.argwhere(missing)]
        raise ValueError(
            f"Expected groups that can be divided so that every split has every class; no division has "
            f"{', '.join(where)}. Take a larger share, add groups, or leave the class out."
        )
