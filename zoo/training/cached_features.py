"""The backbone's features, computed once and kept, so that a head trains without it."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import keras
import numpy as np

from zoo.data.batches import predict
from zoo.data.views import Array, Part
from zoo.utils.chunks import Rows, spans
from zoo.utils.hashing import short_hash
from zoo.utils.locks import kept_array
from zoo.utils.progress import phase

logger = logging.getLogger(__name__)

BATCH = 64
CHUNK = 2048


def cached_features(
    body: keras.Model,
    pictures: Rows,
    key_parts: Sequence[str],
    dtype: str,
    folder: Path,
    *,
    workers: int = 1,
    owner: str = "",
) -> Array:
    """Compute the features of pictures ``(N, features)``, or find them in a folder by their cache key parts.

    Args:
        body: a trunk.
        pictures: what to read.
        key_parts: the trunk's and the pictures' digests, and whatever else decides the features.
        dtype: ``float16`` or ``float32``.
        folder: where features are kept, one memory-mapped ``.npy`` for each set. Where it cannot be written, or the
            disk is full, they stay in memory, with a warning.
        workers: threads that read.
        owner: the network, for who watches.
    """
    path = folder / f"{short_hash([*key_parts, dtype])}.npy"
    shape = (len(pictures), *body.output_shape[1:])
    try:
        make = partial(_computed, body, pictures, dtype, workers, owner)
        return Array(kept_array(path, shape, dtype, make, about=path.stem))
    except OSError as error:
        logger.warning("features stay in memory: %s", error)
        return Array(np.concatenate(list(_computed(body, pictures, dtype, workers, owner))))


def _computed(body: keras.Model, pictures: Rows, dtype: str, workers: int, owner: str) -> Iterator[np.ndarray]:
    """Compute some thousand rows at a time, clipped to the range of the dtype."""
    limits = np.finfo(dtype)
    with phase("features", len(pictures), "images", owner=owner) as counter:
        for span in spans(len(pictures), CHUNK):
            part = Part(pictures, span.start, span.stop)
            features = predict(body, part, min(BATCH, len(pictures)), workers=workers, counter=counter)
            yield np.clip(features, limits.min, limits.max).astype(dtype)
