"""Uneven light: a smooth field over the picture."""

from __future__ import annotations

import numpy as np

from zoo.utils.opencv import cv2


def lit(picture: np.ndarray, field: np.ndarray) -> np.ndarray:
    """Multiply by a field of few values, enlarged smoothly to the picture's size.

    Args:
        picture: ``(H, W, 3)`` uint8.
        field: ``(h, w)`` or ``(h, w, 3)`` float32 factors.
    """
    smooth = cv2.resize(field, picture.shape[1::-1], interpolation=cv2.INTER_CUBIC)
    if smooth.ndim == 2:
        smooth = cv2.merge([smooth] * 3)
    return cv2.multiply(picture, smooth, dtype=cv2.CV_8U)
