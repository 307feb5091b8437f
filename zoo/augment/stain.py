"""Another laboratory's stain: changes in optical density, where amounts of dye add up (Beer and Lambert's law)."""

from __future__ import annotations

import numpy as np

from zoo.utils.opencv import cv2

# Optical densities of red, green and blue: haematoxylin, eosin and a residue (Ruifrok and Johnston, 2001).
DYES = np.array([[0.650, 0.704, 0.286], [0.072, 0.990, 0.105], [0.268, 0.570, 0.776]])
DENSITIES = -np.log((np.arange(256, dtype=np.float32) + 1) / 256)[:, None]  # of each level; white has none


def restain(picture: np.ndarray, amounts: np.ndarray, more: np.ndarray) -> np.ndarray:
    """Change how much of each dye there is (Tellez et al., 2018, arXiv:1808.05896).

    Args:
        picture: ``(H, W, 3)`` uint8 RGB.
        amounts: ``(3,)`` factors of the three dyes.
        more: ``(3,)`` dye that is added everywhere, as optical density.
    """
    turned = np.linalg.inv(DYES) @ np.diag(amounts) @ DYES
    affine = np.hstack([turned.T, (np.asarray(more) @ DYES)[:, None]])  # rows make red, green and blue
    changed = cv2.transform(cv2.LUT(picture, DENSITIES), affine)
    return cv2.convertScaleAbs(cv2.exp(-changed), alpha=256, beta=-1)
