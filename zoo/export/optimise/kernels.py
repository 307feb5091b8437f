"""Layers that multiply by a kernel: they can take a scale and a shift, before or after them, into their weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from zoo.models.network import Link

CHANNELS_LAST = "channels_last"
KERNELS = (keras.layers.Conv2D, keras.layers.DepthwiseConv2D, keras.layers.Dense)


def absorbs_after(layer: keras.Operation) -> bool:
    """Whether a layer can absorb what comes after it: its own activation must not lie between."""
    return has_kernel(layer) and layer.activation is keras.activations.linear


def absorbs_before(layer: keras.Operation, affine: Affine) -> bool:
    """Whether a layer can absorb what comes before it: a border of zeros is not shifted."""
    return has_kernel(layer) and (not _pads(layer) or not affine.shift.any())


def has_kernel(layer: keras.Operation) -> bool:
    """Whether a layer is a kernel and a bias and no more; a quantised or adapted one is not."""
    plain = type(layer) in KERNELS and len(layer.weights) == 1 + layer.use_bias
    return plain and getattr(layer, "data_format", CHANNELS_LAST) == CHANNELS_LAST


def absorbing(link: Link, before: Affine | None, after: Affine | None) -> keras.layers.Layer:
    """The layer that computes ``after(layer(before(x)))``."""
    layer = link.operation
    kernel, bias = _weights(layer)
    if before:
        bias = bias + (kernel * _over_inputs(layer, before.shift)).sum(_summed(layer)).reshape(-1)
        kernel = kernel * _over_inputs(layer, before.scale)
    if after:
        bias = bias * after.scale + after.shift
        kernel = kernel * _over_outputs(layer, after.scale)
    return _like(link, kernel, bias)


def _weights(layer: keras.layers.Layer) -> tuple[np.ndarray, np.ndarray]:
    kernel, *bias = (weight.astype(np.float64) for weight in layer.get_weights())
    depthwise = isinstance(layer, keras.layers.DepthwiseConv2D)
    outputs = kernel.shape[-1] * (kernel.shape[-2] if depthwise else 1)
    return kernel, bias[0] if bias else np.zeros(outputs)


def _like(link: Link, kernel: np.ndarray, bias: np.ndarray) -> keras.layers.Layer:
    layer = link.operation
    new = type(layer).from_config(layer.get_config() | {"use_bias": True, "activation": layer.activation})
    new.build(link.shape)
    new.set_weights([kernel, bias])
    return new


def _pads(layer: keras.layers.Layer) -> bool:
    return not isinstance(layer, keras.layers.Dense) and layer.padding != "valid" and set(layer.kernel_size) != {1}


def _over_outputs(layer: keras.layers.Layer, values: np.ndarray) -> np.ndarray:
    """Give ``(outputs,)`` the shape in which they meet the kernel."""
    if isinstance(layer, keras.layers.DepthwiseConv2D):
        return values.reshape(-1, layer.depth_multiplier)
    return values


def _over_inputs(layer: keras.layers.Layer, values: np.ndarray) -> np.ndarray:
    """Give ``(inputs,)`` the shape in which they meet the kernel; of a grouped one each output has its own inputs."""
    if isinstance(layer, keras.layers.Conv2D):
        return values.reshape(layer.groups, -1).repeat(layer.filters // layer.groups, axis=0).T
    return values[:, None]


def _summed(layer: keras.layers.Layer) -> Any:
    """The kernel's axes over which an output sums."""
    if isinstance(layer, keras.layers.Dense):
        return 0
    return (0, 1) if isinstance(layer, keras.layers.DepthwiseConv2D) else (0, 1, 2)


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
