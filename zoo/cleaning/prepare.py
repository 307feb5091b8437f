"""From a source to the splits of a run: load, drop duplicates, divide, limit."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from zoo.cleaning.decisions import apply, read_decisions
from zoo.cleaning.preparation_options import Preparation
from zoo.data.duplicates import without_duplicates
from zoo.data.images import Splits
from zoo.data.loading import load
from zoo.data.split_words import HELD_OUT
from zoo.data.splits import limit, split

if TYPE_CHECKING:
    from zoo.data.loading import Source

logger = logging.getLogger(__name__)


def _tell_of_idle(how: Preparation, splits: Splits) -> None:
    """Warn of shares to hold out that change nothing, as the source has splits of its own, or there have to be some."""
    own = [name for name, images in splits.items() if name != "train"]
    shares = {"validation": how.validation, "test": how.test}
    asked = {name: share for name, share in shares.items() if share != getattr(Preparation, name)}
    idle = [name for name in asked if splits.validation is not None or name in own]
    if idle:
        words = " and ".join(f"{name} = {asked[name]:g} (--{name})" for name in idle)
        logger.warning(
            "%s changes nothing: the source has %s images of its own, so none are held out. Leave it out, or load the "
            "training images alone",
            words,
            " and ".join(own),
        )
    if how.validation == 0 and splits.validation is None:
        logger.warning(
            "validation = 0 (--validation) leaves no images to choose epochs and fit rules with: a fit holds %g of all "
            "out all the same. Give the share that you want",
            HELD_OUT,
        )


def prepare(source: Source, how: Preparation, *, seed: int = 0, decoded: str | Path | None = None) -> Splits:
    """Load a source and make it the splits of a run.

    Raises:
        FileNotFoundError: decisions that are not there.
        ValueError: what :func:`zoo.load`, :func:`zoo.data.split` and :func:`zoo.cleaning.read_decisions` refuse.
    """
    decided = None if how.decisions is None else read_decisions(how.decisions)
    splits = load(source, decoded=decoded, **how.reading())
    if decided is not None:
        splits = apply(splits, decided)
    if how.drop_duplicates:
        splits = without_duplicates(splits)
    _tell_of_idle(how, splits)
    if splits.validation is None:
        test = 0.0 if splits.test is not None else how.test
        parts = split(splits.train, validation=how.validation, test=test, seed=seed)
        if parts.validation is not None:
            logger.info(
                "no validation images given: %d of %d are held out to validate with (%s, seed %d; --validation, or "
                "validation in TOML)",
                len(parts.validation),
                len(splits.train),
                "stratified" if splits.train.groups is None else "stratified, groups whole",
                seed,
            )
        splits = Splits(parts.train, parts.validation, splits.test or parts.test)
    splits = Splits(limit(splits.train, how.limit, seed=seed), splits.validation, splits.test)
    logger.info("images: %s", ", ".join(f"{len(images)} {name}" for name, images in splits.items()))
    return splits
