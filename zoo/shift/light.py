"""Corruptions of light and colour: the lamp, the camera's curve, the strength of the stain.

As in :mod:`zoo.shift.sharpness`: picture, severity and random generator in, picture out.
"""

from __future__ import annotations

import cv2
import numpy as np
from PIL import Image, ImageEnhance


def brighten(picture: np.ndarray, factor: float, random: np.random.Generator) -> np.ndarray:
    """Multiply all pixels; what leaves 0 to 255 is cut off. Below 1 it darkens."""
    return np.asarray(ImageEnhance.Brightness(Image.fromarray(picture)).enhance(factor))


def stretch(picture: np.ndarray, factor: float, random: np.random.Generator) -> np.ndarray:
    """Multiply all distances from the picture's mean grey; below 1 it fades."""
    return np.asarray(ImageEnhance.Contrast(Image.fromarray(picture)).enhance(factor))


def saturate(picture: np.ndarray, more: float, random: np.random.Generator) -> np.ndarray:
    """Add to the saturation of hue, saturation and value, which is 0 to 1.

    A pixel without any colour has the hue 0, which is red, and turns towards it, as in MedMNIST-C; so do all pixels of
    a grey picture.
    """
    colours = cv2.cvtColor(picture.astype(np.float32) / 255, cv2.COLOR_RGB2HSV)
    colours[..., 1] = np.minimum(colours[..., 1] + more, 1)
    return np.rint(cv2.cvtColor(colours, cv2.COLOR_HSV2RGB) * 255).astype(np.uint8)
