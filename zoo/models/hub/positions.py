"""Position embeddings for another image size: a grid of learned vectors, resized bicubically as the originals do."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

SHARP, SMOOTH = -0.75, -0.5  # the cubic's parameter in PyTorch: as it is, and with antialiasing, which is Pillow's


def resized(table: np.ndarray, source: tuple[int, int], target: tuple[int, int], *, antialias: bool = False) -> Any:
    """Resize position embeddings.

    The numbers are those of PyTorch's ``interpolate(mode="bicubic", align_corners=False)``, by which the networks were
    published; ``keras.ops.image.resize`` has another cubic.

    Args:
        table: ``(rows * columns, width)``, row by row.
        source: rows and columns of the table.
        target: rows and columns that are wanted.
        antialias: smooth first where the grid shrinks.

    Returns:
        ``(rows * columns, width)`` of the target, float32.
    """
    if source == target:
        return table
    rows, columns = (_weights(*sides, antialias) for sides in zip(source, target, strict=True))
    grid = table.reshape(*source, -1).astype(np.float64)
    made = np.einsum("yr,xc,rcd->yxd", rows, columns, grid)
    return made.reshape(target[0] * target[1], -1).astype(np.float32)


def _weights(source: int, target: int, antialias: bool) -> np.ndarray:
    """What each of ``target`` places takes of each of ``source`` ones: ``(target, source)``, rows sum to 1."""
    step = source / target
    stretch = max(step, 1.0) if antialias else 1.0
    centres = (np.arange(target) + 0.5) * step - 0.5
    weights = np.zeros((target, source))
    for place, centre in enumerate(centres):
        reach = 2 * stretch
        for index in range(math.floor(centre - reach) + 1, math.floor(centre + reach) + 1):
            weight = _cubic(abs(index - centre) / stretch, SMOOTH if antialias else SHARP)
            if not antialias:
                weights[place, min(max(index, 0), source - 1)] += weight
            elif 0 <= index < source:
                weights[place, index] += weight
    return weights / weights.sum(axis=1, keepdims=True)


def _cubic(distance: float, sharpness: float) -> float:
    """The kernel of Keys (1981), "Cubic convolution interpolation for digital image processing"."""
    if distance < 1:
        return ((sharpness + 2) * distance - (sharpness + 3)) * distance**2 + 1
    if distance < 2:
        return ((distance - 5) * distance + 8) * distance * sharpness - 4 * sharpness
    return 0.0
