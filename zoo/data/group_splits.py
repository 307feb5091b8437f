"""Stratified, seeded splits in which groups stay whole."""

from __future__ import annotations

from collections.abc import Sequence

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
    sizes = np.zeros((numbers.max() + 1, len(images.classes)))
    np.add.at(sizes, (numbers, images.labels), 1)
    random = np.random.default_rng(seed)
    trials = min(MOST_TRIALS, max(1, MOST_STEPS // len(sizes)))
    dealt = min(
        (_deal(sizes, counts.T, random) for _ in range(trials)), key=lambda found: _cost(sizes, counts.T, found)
    )
    _check_every_class(images, sizes, counts.T, dealt, names)
    return [np.flatnonzero(dealt[numbers] == part) for part in range(len(names))]


def _deal(sizes: np.ndarray, wanted: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Give each unit to a split: ``(units,)``. The squared distance from what is wanted grows least where it is given.

    From the size ``u`` of the unit and what a split still needs, ``n``, that is ``|n - u|^2 - |n|^2``: least where
    ``u * n`` is largest.
    """
    needed = wanted / np.maximum(wanted.sum(axis=0), 1) ** 2
    shares = sizes / np.maximum(wanted.sum(axis=0), 1) ** 2
    order = np.argsort(-sizes.sum(axis=1) * random.uniform(0.5, 1.5, len(sizes)))
    dealt = np.empty(len(sizes), np.int64)
    for unit in order:
        part = int(np.argmax(needed @ sizes[unit]))
        needed[part] -= shares[unit]
        dealt[unit] = part
    return dealt


def _given(sizes: np.ndarray, parts: int, dealt: np.ndarray) -> np.ndarray:
    return np.stack([sizes[dealt == part].sum(axis=0) for part in range(parts)])


def _cost(sizes: np.ndarray, wanted: np.ndarray, dealt: np.ndarray) -> tuple[int, float]:
    """How many classes are missing in splits, and how far all are from what is wanted."""
    given = _given(sizes, len(wanted), dealt)
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
    images: Images, sizes: np.ndarray, wanted: np.ndarray, dealt: np.ndarray, names: Sequence[str]
) -> None:
    missing = (_given(sizes, len(wanted), dealt) == 0) & (sizes.sum(axis=0) > 0)
    if missing.any():
        where = [f"{images.classes[label]} in {names[part]}" for part, label in np.argwhere(missing)]
        raise ValueError(
            f"Expected groups that can be divided so that every split has every class; no division has "
            f"{', '.join(where)}. Take a larger share, add groups, or leave the class out."
        )
