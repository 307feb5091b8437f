"""Whose pretrained weights can be had: from a folder, from Keras' cache, or by a download."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from zoo.models import pretrained
from zoo.models.pretrained import KERAS_DOWNLOAD, Weights, WeightsNotFoundError
from zoo.models.registry import names, spec

logger = logging.getLogger(__name__)


class WeightsAtHand:
    """Finds pretrained weights; after a download that fails no other is tried.

    Args:
        weights: as :class:`zoo.Plan` takes them; None for no backbone at all.
        folder: of weights files.

    Raises:
        WeightsNotFoundError: a folder or a path that is not there.
    """

    def __init__(self, weights: Weights = "auto", folder: str | Path | None = None) -> None:
        pretrained.check_named(weights, folder)
        self.weights = weights
        self.folder = folder
        self._offline = False

    def first(self, backbones: Sequence[str], most: int) -> list[str]:
        """Name, of some backbones, the first whose pretrained weights can be had.

        What has no file in the folder is downloaded by Keras, once.

        Args:
            backbones: names, those that are wanted most first.
            most: how many are enough.
        """
        wanted = (name for name in backbones if name in names() and pretrained.wanted(spec(name), self.weights))
        return list(islice(filter(self._is_there, wanted), most))

    def _is_there(self, name: str) -> bool:
        source = _source(name, self.weights, self.folder)
        if source == KERAS_DOWNLOAD:
            self._offline = self._offline or not _downloads(name, self.folder)
            return not self._offline
        return source is not None


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
