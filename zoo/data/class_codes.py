"""What a table calls the classes beside their names: whole numbers as labels, and columns that number them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

Columns = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class ClassCodes:
    """Other words for the classes of a table.

    Attributes:
        numbered: the labels were whole numbers, of which the classes' names are texts.
        columns: by the name of a further column, one-to-one with the labels, what it has for each class,
            ``(classes,)`` in the order of the class ids.
    """

    numbered: bool = False
    columns: Columns = field(default_factory=dict)

    def labels(self, names: Sequence[str]) -> np.ndarray | None:
        """The labels ``(classes,)`` int64 that names stand for; None where they are no whole numbers."""
        return np.array([int(name) for name in names], np.int64) if self.numbered else None

    def in_order(self, ids: Sequence[int | None]) -> ClassCodes:
        """The same codes for classes in another order, each by its former id; None for a new class."""
        if any(number is None for number in ids):
            return replace(self, columns={})
        ordered = {name: tuple(own[number or 0] for number in ids) for name, own in self.columns.items()}
        return replace(self, columns=ordered)


NO_CODES = ClassCodes()


def are_numbers(names: Sequence[str]) -> bool:
    """Say whether all names are whole numbers as Python writes them, so that no zeros in front are lost."""
    return bool(names) and all(name.removeprefix("-").isdecimal() and str(int(name)) == name for name in names)


def one_to_one(cells: Sequence[str], labels: Sequence[str], names: Sequence[str]) -> tuple[str, ...] | None:
    """What a column has for each class ``(classes,)``; None where it is not one-to-one with the labels.

    Args:
        cells: of the column ``(N,)``.
        labels: the classes' names of the same rows ``(N,)``.
        names: all classes.
    """
    pairs = set(zip(labels, cells, strict=True))
    alike = len(pairs) == len({*cells}) == len(names) < len(cells)
    found = dict(pairs)
    return tuple(found[name] for name in names) if alike and "" not in found.values() and {*names} <= {*found} else None
