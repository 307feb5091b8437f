"""What happens to pixels one after another, in one step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import count
from typing import Any

import keras
import numpy as np

from zoo.export.optimise.kernels import Affine, absorbing, absorbs_before, affine_of
from zoo.models.network import Chain, Link, Memo, Network, Slot, joined, pairs

AFFINE_LAYERS = (keras.layers.Rescaling, keras.layers.Normalization)


def rescaled_once(links: Sequence[Link], memo: Memo) -> list[Link]:
    """Join rescalings and normalizations that follow each other to one ``Rescaling``.

    Its numbers are constants of the graph, where a ``Normalization`` keeps tensors that converters take for inputs.
    """
    left: list[Link] = []
    for link in links:
        own, before = _affine(link), _affine(left[-1]) if left else None
        if own and before:
            left[-1] = replace(left[-1], operation=rescaling(before.then(own), link))
        elif own and isinstance(link.operation, keras.layers.Normalization):
            left.append(replace(link, operation=rescaling(own, link)))
        else:
            left.append(link)
    return left


def scaled_by_kernels(links: Sequence[Link], memo: Memo) -> list[Link]:
    """Let a convolution multiply, so that the ``Rescaling`` before it has only to add.

    ``x * scale + shift`` is ``(x + shift / scale) * scale``, and a border of zeros stays one when it is multiplied.
    """
    left = list(links)
    for index, one, other in pairs(links):
        own = affine_of(one) if isinstance(one.operation, keras.layers.Rescaling) else None
        if own and own.scale.all() and absorbs_before(other.operation, _scale_of(own)):
            left[index : index + 2] = _divided(one, own, other, memo)
    return left


def _scale_of(affine: Affine) -> Affine:
    return Affine(affine.scale, np.zeros_like(affine.shift))


def _divided(one: Link, own: Affine, other: Link, memo: Memo) -> list[Link]:
    """The shift, as it is before the scale, and the layer that takes in the scale."""
    shift = Affine(np.ones_like(own.scale), own.shift / own.scale)
    layer = memo.once("scaled", [one.operation, other.operation], lambda: absorbing(other, _scale_of(own), None))
    return [replace(one, operation=rescaling(shift, one)), replace(other, operation=layer)]


def _affine(link: Link) -> Affine | None:
    return affine_of(link) if type(link.operation) in AFFINE_LAYERS else None


def rescaling(affine: Affine, link: Link) -> keras.layers.Layer:
    """The layer that does so, in the precision of the one at a link."""
    layer = link.operation
    return keras.layers.Rescaling(_plain(affine.scale), _plain(affine.shift), dtype=layer.dtype_policy, name=layer.name)


def _plain(values: np.ndarray) -> float | list[float]:
    """One number where all channels have the same: TensorFlow is slow with three."""
    return float(values[0]) if np.ptp(values) == 0 else values.tolist()


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
