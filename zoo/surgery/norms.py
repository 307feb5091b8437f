"""Layer norms that leave their scale and shift to the layer behind them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import keras
import numpy as np

from zoo.surgery.absorbing import absorbs_before
from zoo.surgery.affine import Affine
from zoo.surgery.folding import alike
from zoo.surgery.network import Link, Memo
from zoo.surgery.rescaling import rescaling


def with_bare_norms(links: Sequence[Link], memo: Memo) -> list[Link]:
    """Split scale and shift off a layer norm before a kernel, which can take them in.

    What is left of the norm (Ba et al., arXiv:1607.06450) goes twice over its tensor, and not five times.
    """
    left: list[Link] = []
    for place, link in enumerate(links):
        own = _affine_of(link) if place < len(links) - 1 else None
        if own and alike(link, links[place + 1]) and absorbs_before(links[place + 1].operation, own):
            left += _split(link, own, memo)
        else:
            left.append(link)
    return left


def _affine_of(link: Link) -> Affine | None:
    """What a layer norm does to each channel after it has normalised over all of them; None of other layers."""
    layer = link.operation
    if type(layer) is not keras.layers.LayerNormalization or not _over_channels(layer, link):
        return None
    channels: Any = link.shape[-1]
    scale = np.asarray(layer.gamma, np.float64) if layer.scale else np.ones(channels)
    shift = np.asarray(layer.beta, np.float64) if layer.center else np.zeros(channels)
    return Affine(scale, shift) if layer.scale or layer.center else None


def _over_channels(layer: keras.layers.LayerNormalization, link: Link) -> bool:
    last = len(link.shape) - 1
    return layer.axis in (-1, [-1], last, [last]) and not getattr(layer, "rms_scaling", False)


def _split(link: Link, own: Affine, memo: Memo) -> list[Link]:
    def made() -> tuple[keras.layers.Layer, keras.layers.Layer]:
        layer = link.operation
        bare = type(layer).from_config(layer.get_config() | {"scale": False, "center": False})
        bare.build(link.shape)
        return bare, rescaling(own, link)

    return [replace(link, operation=layer) for layer in memo.once("norm", [link.operation], made)]
