"""Features of a pretrained backbone, for the checks of a data set."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from zoo.data.images import Images, Splits
from zoo.models.assembly import BACKBONE, HEAD, assemble
from zoo.models.pretrained import Weights
from zoo.models.registry import spec
from zoo.models.spec import Plan

if TYPE_CHECKING:
    import keras

BATCH = 64


def backbone_features(
    splits: Splits, backbone: str, *, weights: Weights = "auto", weights_dir: str | Path | None = None
) -> np.ndarray:
    """Describe the images of all splits, end to end, by a backbone's features: averaged over places, of length 1.

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
    factor = -(-spec(backbone).min_size // min(size))
    resize = (size[0] * factor, size[1] * factor) if factor > 1 else None
    plan = Plan(backbone=backbone, weights=weights, weights_dir=weights_dir, resize=resize)
    network = _without_head(assemble(plan.completed(len(splits.classes), size)))
    features = np.concatenate([_predict(network, images) for _, images in splits.items()])
    return np.asarray(features / np.maximum(np.linalg.norm(features, axis=1, keepdims=True), 1e-9))


def _without_head(model: keras.Model) -> keras.Model:
    """Take a member's network up to its backbone, and average over places."""
    import keras

    images = features = keras.Input(model.input_shape[1:], dtype="uint8")
    for layer in model.layers[1:]:
        if layer.name != HEAD:
            features = layer(features)
    if len(model.get_layer(BACKBONE).output_shape) == 4:
        features = keras.layers.GlobalAveragePooling2D()(features)
    return keras.Model(images, features)


def _predict(network: keras.Model, images: Images) -> np.ndarray:
    batches = np.split(np.arange(len(images)), range(BATCH, len(images), BATCH))
    return np.concatenate([network.predict_on_batch(images.take(rows)) for rows in batches]).astype(np.float32)
