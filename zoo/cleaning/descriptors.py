"""What a picture looks like in numbers: 172 without any network, of colours, positions, textures and edges; or the
features of a backbone.

On photographs of stained cells, forests on these numbers beat regressions on the features of a MobileNetV2 that was
trained on ImageNet (``docs/cleaning.md``).
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
from scipy.fft import dctn
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler

from zoo.cleaning.all_splits import Stack
from zoo.data.images import Splits
from zoo.models.assembly import assemble, trunk
from zoo.models.plan import Plan
from zoo.models.pretrained import Weights
from zoo.utils.opencv import cv2

SIDE = 32  # pixels: colours and textures are read from pictures of this size
LARGEST = 96  # pixels: edges are read from the picture itself, shrunk to this size if it is larger
CELLS = 4  # a side of the grid
SHARES = (0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99)
EDGE_SHARES = (0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.98, 0.99, 0.998)
BANDS = (1, 2.5, 4.5, 7, 10, 14, 19, 25, 45)  # distances from the constant in the plane of frequencies
DIMENSIONS = 64
LEAST_ENERGY, LEAST_EDGE = 1e-6, 1e-3


def describe(stack: Stack, rows: np.ndarray) -> np.ndarray:
    """Describe pictures by ``(n, 172)`` float32, each number scaled to mean 0 and standard deviation 1."""
    found = np.concatenate([_describe(pixels) for pixels in stack.chunks(rows)])
    return np.asarray(StandardScaler().fit_transform(found), np.float32)


def principal(features: np.ndarray, seed: int) -> np.ndarray:
    """Keep the 64 directions in which features ``(n, D)`` vary most, as they are scaled: ``(n, 64)`` or fewer."""
    dimensions = min(DIMENSIONS, *features.shape)
    return np.asarray(PCA(dimensions, random_state=seed).fit_transform(features))


def _describe(pixels: np.ndarray) -> np.ndarray:
    opponent = _opponent(shrunk(pixels, SIDE))
    parts = [_grid(opponent), _quantiles(opponent), _textures(opponent), _edges(pixels)]
    return np.concatenate(parts, axis=1, dtype=np.float32)


def shrunk(pixels: np.ndarray, side: int) -> np.ndarray:
    """Shrink pictures to squares: ``(n, side, side, 3)`` float32 of 0 to 1."""
    shrunk = [cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA) for picture in pixels]
    return np.stack(shrunk).astype(np.float32) / 255


def _opponent(pixels: np.ndarray) -> np.ndarray:
    """Grey, red against green, and yellow against blue: ``(n, S, S, 3)``."""
    red, green, blue = np.moveaxis(pixels, -1, 0)
    return np.stack([pixels.mean(axis=-1), red - green, (red + green) / 2 - blue], axis=-1)


def _grid(opponent: np.ndarray) -> np.ndarray:
    """Mean and spread of each colour in each cell of a grid: ``(n, 96)``."""
    count, side = opponent.shape[:2]
    cells = opponent.reshape(count, CELLS, side // CELLS, CELLS, side // CELLS, 3)
    return np.concatenate([measure(axis=(2, 4)).reshape(count, -1) for measure in (cells.mean, cells.std)], axis=1)


def _quantiles(opponent: np.ndarray) -> np.ndarray:
    """How much of each colour there is, wherever it lies: ``(n, 27)``."""
    count = len(opponent)
    return np.quantile(opponent.reshape(count, -1, 3), SHARES, axis=1).swapaxes(0, 1).reshape(count, -1)


def _textures(opponent: np.ndarray) -> np.ndarray:
    """Energy of each colour in bands of frequencies, in no direction: ``(n, 24)``."""
    energy = dctn(opponent, axes=(1, 2), norm="ortho") ** 2
    distance = np.hypot(*np.mgrid[:SIDE, :SIDE])
    bands = [(distance >= low) & (distance < high) for low, high in pairwise(BANDS)]
    return np.concatenate([np.log(LEAST_ENERGY + energy[:, band].mean(axis=1)) for band in bands], axis=1)


def _edges(pixels: np.ndarray) -> np.ndarray:
    """Steps of grey between neighbours: how steep, anywhere, and how much in each cell of a grid: ``(n, 25)``."""
    side = max(CELLS, min(LARGEST, *pixels.shape[1:3]) // CELLS * CELLS)
    light = np.pad(shrunk(pixels, side).mean(axis=-1), ((0, 0), (0, 1), (0, 1)), mode="edge")
    steps = np.hypot(light[:, 1:, :-1] - light[:, :-1, :-1], light[:, :-1, 1:] - light[:, :-1, :-1])
    count = len(steps)
    steep = np.log(LEAST_EDGE + np.quantile(steps.reshape(count, -1), EDGE_SHARES, axis=1).T)
    cells = steps.reshape(count, CELLS, side // CELLS, CELLS, side // CELLS).mean(axis=(2, 4))
    return np.concatenate([steep, cells.reshape(count, -1)], axis=1)


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
    from zoo.data.batches import predict

    size = splits.train.image_size
    plan = Plan(backbone=backbone, weights=weights, weights_dir=weights_dir).enlarging(size)
    network = trunk(assemble(plan.completed(len(splits.classes), size)))
    features = np.concatenate([predict(network, images, BATCH) for _, images in splits.items()])
    return np.asarray(features / np.maximum(np.linalg.norm(features, axis=1, keepdims=True), 1e-9))
