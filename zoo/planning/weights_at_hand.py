"""Whose pretrained weights can be had: from a folder, from Keras' cache, or by a download."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

from zoo.models import pretrained
from zoo.models.pretrained import KERAS_DOWNLOAD, Weights, WeightsNotFoundError
from zoo.models.registry import names, spec

logger = logging.getLogger(__name__)


def weights_at_hand(
    backbones: Sequence[str], weights: Weights = "auto", folder: str | Path | None = None, *, most: int = 5
) -> list[str]:
    """Name, of some backbones, the first whose pretrained weights can be had.

    What has no file in the folder is downloaded by Keras, once; after a download that fails no other is tried.

    Args:
        backbones: names, those that are wanted most first.
        weights: as :class:`zoo.Plan` takes them; None for no backbone at all.
        folder: of weights files.
        most: how many are enough.
    """
    found: list[str] = []
    offline = False
    for name in (name for name in backbones if name in names() and pretrained.wanted(spec(name), weights)):
        source = _source(name, weights, folder)
        if source == KERAS_DOWNLOAD and not offline:
            offline = not _downloads(name, folder)
        if source is not None and not (source == KERAS_DOWNLOAD and offline):
            found.append(name)
        if len(found) == most:
            break
    return found


def _source(name: str, weights: Weights, folder: str | Path | None) -> object:
    try:
        return pretrained.locate(spec(name), weights, folder)
    except WeightsNotFoundError:
        return None


def _downloads(name: str, folder: str | Path | None) -> bool:
    try:
        pretrained.download(spec(name), folder)
    except WeightsNotFoundError:
        logger.warning(
            "no pretrained weights can be downloaded (%s was tried): members are chosen among those with a file in "
            "weights_dir= (--weights-dir) or ZOO_WEIGHTS, or trained from scratch",
            name,
        )
        return False
    return True
