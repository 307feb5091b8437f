"""From a source to the splits of a run: load, drop duplicates, divide, limit."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from zoo.cleaning.decisions import apply, read_decisions
from zoo.data.duplicates import drop_duplicates
from zoo.data.groups import compiled
from zoo.data.images import Splits
from zoo.data.loading import load
from zoo.data.splits import HELD_OUT, limit, split
from zoo.utils.options import check_options, documented, option
from zoo.utils.text import AnySize

if TYPE_CHECKING:
    from zoo.data.loading import Source

logger = logging.getLogger(__name__)


@documented
@dataclass(frozen=True, kw_only=True)
class Preparation:
    """What is done to a source before members train on it.

    Attributes:
    {options}

    Raises:
        ValueError: a value of a wrong type or outside of its limits.
    """

    image_size: AnySize | None = option(
        None,
        help="side or ``(height, width)`` to decode to; by default the source's own.",
        short="Decode to this side, in pixels, or HEIGHTxWIDTH.",
    )
    decisions: str | Path | None = option(
        None,
        help="CSV that ``zoo clean`` wrote and the user went through; what it says to drop is left out first.",
        short="The findings.csv of `zoo clean`: what it says to drop is left out.",
    )
    drop_duplicates: bool = option(
        True,
        help="leave exact duplicates out, and every copy of those under conflicting labels.",
        short="Leave exact duplicates out, or keep them.",
        flag="--drop-duplicates/--keep-duplicates",
    )
    validation: float = option(
        HELD_OUT, help="share held out for validation where the source has no such split.", least=0, below=1
    )
    test: float = option(0.0, help="share held out for a test where the source has no split at all.", least=0, below=1)
    limit: int | None = option(
        None,
        help="train on a stratified choice of so many images; None for all.",
        short="Train on a stratified choice of so many images.",
        least=1,
    )
    group_from: str | None = option(
        None,
        help="regular expression that finds in a file's path what it shows, such as a patient or a slide; groups stay "
        "whole in splits and folds.",
        short="Regular expression in a file's path, such as 'patient_(\\d+)': groups stay whole.",
    )
    skip_unreadable: bool = option(
        False,
        help="leave out files that cannot be read instead of refusing.",
        short="Leave out files that cannot be read.",
    )

    def __post_init__(self) -> None:
        check_options(self)
        if self.group_from is not None:
            compiled(self.group_from)


def prepare(source: Source, how: Preparation, *, seed: int = 0, decoded: str | Path | None = None) -> Splits:
    """Load a source and make it the splits of a run.

    Raises:
        FileNotFoundError: decisions that are not there.
        ValueError: what :func:`zoo.load`, :func:`zoo.data.split` and :func:`zoo.cleaning.read_decisions` refuse.
    """
    decided = None if how.decisions is None else read_decisions(how.decisions)
    splits = load(
        source,
        image_size=how.image_size,
        decoded=decoded,
        skip_unreadable=how.skip_unreadable,
        group_from=how.group_from,
    )
    if decided is not None:
        splits = apply(splits, decided)
    if how.drop_duplicates:
        splits = _without_duplicates(splits)
    if splits.validation is None:
        test = 0.0 if splits.test is not None else how.test
        parts = split(splits.train, validation=how.validation, test=test, seed=seed)
        splits = Splits(parts.train, parts.validation, splits.test or parts.test)
    splits = Splits(limit(splits.train, how.limit, seed=seed), splits.validation, splits.test)
    logger.info("images: %s", ", ".join(f"{len(images)} {name}" for name, images in splits.items()))
    return splits


def _without_duplicates(splits: Splits) -> Splits:
    clean, found = drop_duplicates(splits)
    for name, duplicates in found.items():
        if duplicates.dropped.any():
            logger.info("left out of %s: %s", name, duplicates)
    return clean
