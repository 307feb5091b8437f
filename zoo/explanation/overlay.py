"""A heat map over its image."""

from __future__ import annotations

import numpy as np

from zoo.utils.opencv import cv2

STRONGEST = 0.65  # opacity of the hottest place
SHOWN_SIDE = 224  # pixels at least, of the shorter side of a picture that people look at


def side_by_side(picture: np.ndarray, heat: np.ndarray) -> np.ndarray:
    """Put an image and its heat map side by side, each pixel enlarged to whole ones until people can see it.

    Args:
        picture: ``(H, W, 3)`` uint8.
        heat: ``(H, W)`` of 0 to 1.

    Returns:
        ``(H * factor, 2 * W * factor, 3)`` uint8, the image on the left.
    """
    factor = -(-SHOWN_SIDE // min(picture.shape[:2]))
    both = np.hstack([picture, overlay(picture, heat)])
    return both.repeat(factor, axis=0).repeat(factor, axis=1)


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
