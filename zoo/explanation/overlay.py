"""A heat map over its image."""

from __future__ import annotations

import numpy as np

from zoo.utils.opencv import cv2

STRONGEST = 0.65  # opacity of the hottest place


def overlay(picture: np.ndarray, heat: np.ndarray) -> np.ndarray:
    """Lay a heat map over an image: what matters glows, what does not stays as it is.

    Args:
        picture: ``(H, W, 3)`` uint8.
        heat: ``(H, W)`` of 0 to 1.

    Returns:
        ``(H, W, 3)`` uint8.
    """
    levels = np.clip(np.rint(heat * 255), 0, 255).astype(np.uint8)
    colours = cv2.cvtColor(cv2.applyColorMap(levels, cv2.COLORMAP_INFERNO), cv2.COLOR_BGR2RGB)
    grey = cv2.cvtColor(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    opacity = (STRONGEST * np.sqrt(np.clip(heat, 0, 1)))[..., None]
    blended: np.ndarray = np.rint((1 - opacity) * grey + opacity * colours).astype(np.uint8)
    return blended
