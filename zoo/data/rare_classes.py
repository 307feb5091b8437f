"""Classes with hardly any images, which may be another class misspelt."""

from __future__ import annotations

import logging
from difflib import get_close_matches

from zoo.data.images import Splits

logger = logging.getLogger(__name__)

FEWEST = 3  # training images of a class
USUAL = 10  # of the largest class: where all are smaller, a few images are nothing unusual
ALIKE = 0.8  # of two names, by difflib
SHOWN = 5


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
        more = f" and {len(told) - SHOWN} more" if len(told) > SHOWN else ""
        logger.warning("classes with hardly any images: %s%s", ", ".join(told[:SHOWN]), more)


def _nearest(name: str, counts: dict[str, int]) -> str:
    """Ask whether the class with a name like this one was meant, that has more images."""
    others = {other.casefold(): other for other, count in counts.items() if count > counts[name]}
    near = get_close_matches(name.casefold(), others, 1, ALIKE)
    return f" - did you mean {others[near[0]]!r}?" if near else ""
