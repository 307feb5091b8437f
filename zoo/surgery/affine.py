"""Layers that do no more than scale and shift each channel, once they are trained."""

from __future__ import annotations

from dataclasses import dataclass

import keras
import numpy as np

from zoo.surgery.network import Link


@dataclass(frozen=True, eq=False)
class Affine:
    """``x * scale + shift``, channel by channel.

    Attributes:
        scale: ``(channels,)`` float64.
        shift: ``(channels,)`` float64.
    """

    scale: np.ndarray
    shift: np.ndarray

    def then(self, other: Affine) -> Affine:
        """Do this first, and the other after it."""
        return Affine(self.scale * other.scale, self.shift * other.scale + other.shift)


def affine_of(link: Link) -> Affine | None:
    """What a layer does to each channel of its last axis when it predicts; None where it does more."""
    layer = link.operation
    if type(layer) is keras.layers.BatchNormalization:
        return _of_batch_norm(layer) if layer.axis in (-1, len(link.shape) - 1) else None
    if type(layer) is keras.layers.Rescaling:
        return _per_channel(link, layer.scale, layer.offset)
    if type(layer) is keras.layers.Normalization and layer.mean is not None and not layer.invert:
        deviation = np.maximum(np.sqrt(np.asarray(layer.variance, np.float64)), keras.config.epsilon())
        return _per_channel(link, 1 / deviation, -np.asarray(layer.mean, np.float64) / deviation)
    if type(layer).__name__ == "LayerScale" and type(layer).__module__.startswith("keras."):  # which does not export it
        return _per_channel(link, layer.gamma, 0.0)
    return None


def _of_batch_norm(layer: keras.layers.BatchNormalization) -> Affine:
    mean, variance = (np.asarray(value, np.float64) for value in (layer.moving_mean, layer.moving_variance))
    gamma = np.asarray(layer.gamma, np.float64) if layer.scale else 1.0
    beta = np.asarray(layer.beta, np.float64) if layer.center else 0.0
    scale = gamma / np.sqrt(variance + layer.epsilon)
    return Affine(scale, beta - mean * scale)


def _per_channel(link: Link, scale: object, shift: object) -> Affine | None:
    """Spread numbers over the channels; None where they differ by more than the channel."""
    channels = link.shape[-1]
    if channels is None:
        return None
    both = [np.asarray(values, np.float64) for values in (scale, shift)]
    if any(values.size not in (1, values.shape[-1]) for values in both if values.ndim):
        return None
    return Affine(*(np.broadcast_to(values.reshape(-1), (channels,)) for values in both))
