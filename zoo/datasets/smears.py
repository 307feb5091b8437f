"""Blood smears to try the library on, drawn on the spot: eight kinds of cell, with a collected set's faults.

The set is unbalanced as the reports' 11,959 pictures are, some pictures have a blue cast, some come twice,
and two pictures that are no cells lie about under any label: what cleaning has to find.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from zoo.datasets.cell_table import CELLS
from zoo.datasets.cells import SMALLEST, draw_cell
from zoo.datasets.doodles import OGRE, TROLL, draw_doodle

CLASSES: tuple[str, ...] = tuple(CELLS)
REPORTED = (852, 2181, 1085, 2026, 849, 993, 2330, 1643)
FEWEST = 8
OGRES, TROLLS, REPEATS = 0.05, 0.01, 0.01


@dataclass(frozen=True)
class Smears:
    """Drawn smears, and what is wrong with them.

    Attributes:
        images: ``(N, size, size, 3)`` uint8, RGB, pixels 0-255.
        labels: ``(N,)`` int64, indices into ``CLASSES``.
        planted: ``(N,)`` bool, copies of pictures that are no cells, under conflicting labels: all must go.
        repeated: ``(N,)`` bool, rows equal to an earlier row in picture and label: the earlier one may stay.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    planted: NDArray[np.bool_]
    repeated: NDArray[np.bool_]


def smears(count: int = 1600, size: int = 64, seed: int = 0) -> Smears:
    """Draw ``count`` different cells, add copies and outliers on top, and shuffle.

    The same arguments give the same set in every process, and the same seed the same cells at every size.
    Of ``count``, 5 % and 1 % more are copies of two doodles and 1 % more repeat a cell; about 2 % of the
    cells have a blue cast.

    Raises:
        ValueError: ``count`` is below ``FEWEST`` cells a class, or ``size`` below ``SMALLEST`` pixels.

    Examples:
        >>> sample = smears(count=64, size=32)
        >>> sample.images.shape, int(sample.planted.sum()), int(sample.repeated.sum())
        ((70, 32, 32, 3), 5, 1)
    """
    _check(count, size)
    rng = np.random.default_rng(seed)
    kinds = np.repeat(np.arange(len(CLASSES)), class_counts(count))
    cells = [draw_cell(CLASSES[kind], size, stream) for kind, stream in zip(kinds, rng.spawn(count), strict=True)]
    pictures = np.stack([*cells, draw_doodle(OGRE, size), draw_doodle(TROLL, size)])
    rows, labels = _with_faults(kinds, rng)
    order = rng.permutation(len(rows))
    return _labelled(pictures, rows[order], labels[order], count)


def class_counts(count: int) -> NDArray[np.int64]:
    """Share ``count`` cells out as in the reports, ``FEWEST`` at least to each class: ``(8,)`` int64."""
    wanted = count * np.divide(REPORTED, sum(REPORTED))
    counts = np.full(len(CLASSES), FEWEST)
    for _ in range(count - counts.sum()):
        counts[np.argmax(wanted - counts)] += 1
    return counts


def _check(count: int, size: int) -> None:
    fewest = FEWEST * len(CLASSES)
    if count < fewest:
        raise ValueError(
            f"Expected count of at least {fewest}, {FEWEST} cells a class; received {count}. Draw more cells."
        )
    if size < SMALLEST:
        raise ValueError(f"Expected size of at least {SMALLEST} pixels; received {size}. Draw larger cells.")


def _with_faults(kinds: NDArray[np.int64], rng: np.random.Generator) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Picture and label of each row: every cell, some again, and the doodles under label after label."""
    count = len(kinds)
    again = rng.choice(count, max(1, round(REPEATS * count)), replace=False)
    doodles = np.repeat([count, count + 1], [max(2, round(share * count)) for share in (OGRES, TROLLS)])
    assorted = (rng.integers(len(CLASSES)) + np.arange(len(doodles))) % len(CLASSES)
    return np.concatenate([np.arange(count), again, doodles]), np.concatenate([kinds, kinds[again], assorted])


def _labelled(pictures: NDArray[np.uint8], rows: NDArray[np.int64], labels: NDArray[np.int64], count: int) -> Smears:
    planted = rows >= count
    repeated = ~planted
    repeated[np.unique(rows, return_index=True)[1]] = False
    return Smears(pictures[rows], labels, planted, repeated)
