"""Features of a pretrained backbone, for the checks of a data set."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from zoo.data.batches import predict
from zoo.data.images import Splits
from zoo.models.assembly import assemble
from zoo.models.features import trunk
from zoo.models.pretrained import Weights
from zoo.models.spec import Plan

BATCH = 64


def backbone_features(
    splits: Splits, backbone: str, *, weights: Weights = "auto", weights_dir: str | Path | None = None
) -> np.ndarray:
    """Describe the images of all splits, end to end, by a backbone's features: averaged over positions, of length 1.

    Images that are too small for the backbone are enlarged by a whole factor.

    Args:
        splits: the images.
        backbone: a registered name.
        weights: pretrained weights, as :func:`zoo.models.pretrained.locate` reads them.
        weights_dir: folder of weights files.

    Returns:
        ``(N, features)`` float32, for :func:`zoo.cleaning.find`.

    Raises:
        ValueError: an unknown backbone, or weights that do not fit.
        zoo.models.pretrained.WeightsNotFoundError: pretrained weights that cannot be had.
    """
    size = splits.train.image_size
    plan = Plan(backbone=backbone, weights=weights, weights_dir=weights_dir).enlarging(size)
    network = trunk(assemble(plan.completed(len(splits.classes), size)))
    features = np.concatenate([predict(network, images, BATCH) for _, images in splits.items()])
    return np.asarray(features / np.maximum(np.linalg.norm(features, axis=1, keepdims=True), 1e-9))
