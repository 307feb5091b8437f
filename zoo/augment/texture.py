"""Random fields over a picture: textures of many spectra, added or laid over it as a veil, and uneven light.

A texture is white noise whose spectrum is changed: amplitudes that fall or rise with the frequency (clouds, grain), or
a band of frequencies (blobs of one size). Training with noise of many spectra helps against noise and patterns of
others (Mintun et al., 2021, arXiv:2102.11273; Sun et al., 2021, arXiv:2112.00659).
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from zoo.augment.sensor_noise import of_three_channels
from zoo.utils.opencv import cv2

Spectrum = tuple[Literal["power", "band"], float]
"""``power`` and an exponent, amplitudes being 1 / frequency ** exponent; ``band`` and its middle in cycles a side."""

OCTAVES = 0.4  # standard deviation of a band


def texture(white: np.ndarray, spectrum: Spectrum, *, hard: bool = False) -> np.ndarray:
    """Turn white noise into a texture of mean 0 and deviation 1.

    Args:
        white: ``(H, W)`` or ``(H, W, channels)`` float32.
        spectrum: how much there is of each frequency.
        hard: keep only the sign, which gives edges.
    """
    height, width = white.shape[:2]
    frequency = np.hypot(*np.meshgrid(np.fft.rfftfreq(width) * width, np.fft.fftfreq(height) * height))
    amplitude = _amplitude(np.maximum(frequency, 1), spectrum) * (frequency > 0)
    shape = amplitude.reshape(amplitude.shape + (1,) * (white.ndim - 2))
    values = np.fft.irfft2(np.fft.rfft2(white, axes=(0, 1)) * shape, (height, width), axes=(0, 1))
    values = np.sign(values) if hard else values / max(float(values.std()), 1e-6)
    return values.astype(np.float32)


def _amplitude(frequency: np.ndarray, spectrum: Spectrum) -> np.ndarray:
    kind, value = spectrum
    if kind == "power":
        return frequency**-value
    return np.exp(-0.5 * (np.log2(frequency / value) / OCTAVES) ** 2)


def added(picture: np.ndarray, texture: np.ndarray, deviation: float) -> np.ndarray:
    """Add a texture.

    Args:
        picture: ``(H, W, 3)`` uint8.
        texture: ``(H, W)`` or ``(H, W, 3)`` float32.
        deviation: in levels.
    """
    return cv2.add(picture, of_three_channels(texture * deviation), dtype=cv2.CV_8U)


def veiled(picture: np.ndarray, texture: np.ndarray, colour: tuple[int, ...], thickness: float) -> np.ndarray:
    """Lay a colour over a picture, thick where the texture is high.

    Args:
        picture: ``(H, W, 3)`` uint8.
        texture: ``(H, W)`` float32.
        colour: of the veil.
        thickness: 0 to 1, the most that is covered.
    """
    cover = np.float32(thickness) / (1 + np.exp(-2 * texture))
    return cv2.blendLinear(picture, np.full_like(picture, colour), 1 - cover, cover)


def lit(picture: np.ndarray, field: np.ndarray) -> np.ndarray:
    """Light a picture unevenly: multiply by a field of few values, enlarged smoothly to its size.

    Args:
        picture: ``(H, W, 3)`` uint8.
        field: ``(h, w)`` or ``(h, w, 3)`` float32 factors.
    """
    smooth = cv2.resize(field, picture.shape[1::-1], interpolation=cv2.INTER_CUBIC)
    return cv2.multiply(picture, of_three_channels(smooth), dtype=cv2.CV_8U)
