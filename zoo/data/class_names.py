"""Names of classes: each once, in one Unicode form, and those of a fit, for the labels of a later source."""

from __future__ import annotations

import logging
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

import numpy as np

from zoo.data.images import Splits
from zoo.utils.text import listed, nfc

logger = logging.getLogger(__name__)

WHOLE = re.compile(r"[+-]?\d+(\.0*)?")  # a whole number, as people and pandas write it
FEWEST = 3  # training images of a class
USUAL = 10  # of the largest class: where all are smaller, a few images are nothing unusual
ALIKE = 0.8  # of two names, by difflib


class FittedClasses(tuple[str, ...]):
    """The names of a fit's classes, for the labels of a later source.

    Attributes:
        labels: ``(classes,)`` the labels that the user gave instead of names; None where a source named its classes.
        codes: by a further column of the fit's table, what it has for each class ``(classes,)``.
    """

    labels: np.ndarray | None
    codes: Mapping[str, tuple[str, ...]]

    def __new__(
        cls,
        names: Iterable[str],
        labels: np.ndarray | None = None,
        codes: Mapping[str, tuple[str, ...]] | None = None,
    ) -> FittedClasses:
        """Keep the names with the user's labels, and what a table calls them."""
        made = super().__new__(cls, names)
        made.labels = labels
        made.codes = codes or {}
        return made

    @property
    def are_ids(self) -> bool:
        """The names are those of labels counted from 0, so that a number means the same by either reading."""
        return list(self) == [str(number) for number in range(len(self))]


def as_names(classes: Sequence[str]) -> tuple[str, ...]:
    """Check the classes' names.

    Raises:
        ValueError: one string, or a name that comes twice, be it in another Unicode form.
    """
    if isinstance(classes, str):
        raise ValueError(f"Expected the classes as a list of names; received the string {classes!r}.")
    names = tuple(str(name) for name in classes)
    twice = [name for name, count in Counter(map(nfc, names)).items() if count > 1]
    if twice:
        raise ValueError(f"Expected every class once; received {', '.join(twice)} more than once.")
    return names


def warn_of_near_names(names: Sequence[str], where: str) -> None:
    """Warn of classes whose names differ by case or blanks alone: they may be meant to be one."""
    alike = defaultdict(list)
    for name in names:
        alike["".join(nfc(name).casefold().split())].append(repr(name))
    near = [" and ".join(found) for found in alike.values() if len(found) > 1]
    if near:
        logger.warning(
            "%s: classes whose names differ by case or blanks alone: %s. If they are one, rename them.",
            where,
            "; ".join(near),
        )


def warn_of_rare_classes(splits: Splits) -> None:
    """Warn of classes with one or two training images, or with none to validate with, and of names like theirs."""
    counts = dict(zip(splits.classes, splits.train.counts.tolist(), strict=True))
    if max(counts.values()) < USUAL:
        return
    found = {name: f"{count} to train on" for name, count in counts.items() if count < FEWEST}
    if splits.validation is not None:
        validated = dict(zip(splits.classes, splits.validation.counts.tolist(), strict=True))
        for name in (name for name, count in validated.items() if not count):
            found[name] = f"{found.get(name, f'{counts[name]} to train on')}, none for validation"
    told = [f"{name!r} ({how}){_nearest(name, counts)}" for name, how in found.items()]
    if told:
        logger.warning("classes with hardly any images: %s", listed(told))


def _nearest(name: str, counts: dict[str, int]) -> str:
    """Ask whether the class with a name like this one was meant, that has more images."""
    others = {other.casefold(): other for other, count in counts.items() if count > counts[name]}
    near = get_close_matches(name.casefold(), others, 1, ALIKE)
    return f" - did you mean {others[near[0]]!r}?" if near else ""


def joined(values: Iterable[Any]) -> str:
    """Write labels side by side."""
    return ", ".join(map(str, values))
