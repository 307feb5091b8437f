"""Scaled sums as a rescaling, which the kernel before it can take in, and a plain sum."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from typing import Any

import keras
import numpy as np

from zoo.surgery.affine import Affine
from zoo.surgery.network import Chain, Link, Memo, Network, Slot, joined
from zoo.surgery.rescaling import rescaling


def with_plain_sums(network: Network, memo: Memo) -> Network:
    """Write each ``x + scale * branch`` of an Inception-ResNet (Szegedy et al., arXiv:1602.07261) as two layers."""
    made = (number for chain in network.chains for number in chain.outputs)
    numbers = count(1 + max((*network.inputs, *made)))
    chains = [part for chain in network.chains for part in _parts(chain, numbers, memo)]
    return replace(network, chains=joined(chains, network.outputs))


def _parts(chain: Chain, numbers: Iterator[int], memo: Memo) -> list[Chain]:
    if not (chain.links and _is_scaled_sum(chain.links[0].operation)):
        return [chain]
    first, *rest = chain.links
    scale, add = memo.once("sum", [first.operation], lambda: _pair(first))
    around, branch = chain.inputs
    scaled = next(numbers)
    of_branch = replace(first, operation=scale, arguments=((Slot(0),), {}))
    of_both = replace(first, operation=add, arguments=(([Slot(0), Slot(1)],), {}))
    return [
        Chain((branch,), (of_branch,), (scaled,)),
        replace(chain, inputs=(around, scaled), links=(of_both, *rest)),
    ]


def _is_scaled_sum(operation: keras.Operation) -> bool:
    """Keras does not export the layer's class."""
    return type(operation).__name__ == "CustomScaleLayer" and type(operation).__module__.startswith("keras.")


def _pair(link: Link) -> tuple[keras.layers.Layer, keras.layers.Layer]:
    layer = link.operation
    channels: Any = link.shape[-1]
    affine = Affine(np.full(channels, layer.scale), np.zeros(channels))
    return rescaling(affine, link), keras.layers.Add(dtype=layer.dtype_policy, name=f"{layer.name}_sum")
