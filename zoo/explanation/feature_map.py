"""A network cut at a feature map: what computes the map, and what computes the logits from it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from zoo.models.flattening import read
from zoo.models.hub.attention_layers import Attention
from zoo.models.network import Chain, Network

ATTENTION = (Attention, keras.layers.MultiHeadAttention)


@dataclass(frozen=True, eq=False)
class Cut:
    """Two halves of a network: the second reads nothing of the first but the feature map.

    Attributes:
        network: the whole.
        chain: index of the chain that ends the first half.
        links: how many of its links belong to the first half.
        sides: ``(height, width)`` of the feature map.
        tokens: whether the map is a sequence of tokens, patches row by row behind those of no place.
    """

    network: Network
    chain: int
    links: int
    sides: tuple[int, int]
    tokens: bool = False

    def features(self, images: Any) -> Any:
        """Compute the feature map ``(N, height, width, channels)`` of images, or tokens ``(N, tokens, channels)``."""
        values = dict(zip(self.network.inputs, (images,), strict=True))
        for chain in self.network.chains[: self.chain]:
            values |= _computed(chain, values)
        last = self.network.chains[self.chain]
        return Chain(last.inputs, last.links[: self.links], last.outputs)(*(values[key] for key in last.inputs))

    def as_map(self, features: np.ndarray) -> np.ndarray:
        """Lay out what :meth:`features` gave, or its gradients, as ``(N, height, width, channels)``."""
        if not self.tokens:
            return features
        height, width = self.sides
        return features[:, -height * width :].reshape(len(features), height, width, -1)

    def logits(self, features: Any) -> Any:
        """Compute the logits ``(N, classes)`` of a feature map."""
        cut = self.network.chains[self.chain]
        values = dict.fromkeys(cut.outputs, Chain((), cut.links[self.links :], cut.outputs)(features))
        for chain in self.network.chains[self.chain + 1 :]:
            values |= _computed(chain, values)
        return values[self.network.outputs[0]]


def cut_at(model: keras.Model, least_side: int = 1, *, unmixed: bool = False) -> Cut | None:
    """Cut a network at its last feature map of a side in pixels at least; where all are smaller, at the largest.

    Args:
        model: the network.
        least_side: in pixels of the map.
        unmixed: of a transformer, take the tokens that enter its first attention: each is of its own patch alone, where
            later ones hold of other patches what attention has brought to them.

    Returns:
        The cut; None for a network without feature maps, or with a ``call`` of its own.
    """
    try:
        network = read(model)
    except TypeError:
        return None
    cuts = list(_cuts(network))
    if unmixed and any(cut.tokens for cut in cuts):
        cuts = [cut for cut in cuts if cut.chain < min(_attentions(network))] or cuts
    if not cuts:
        return None
    large = [cut for cut in cuts if min(cut.sides) >= min(least_side, max(min(cut.sides) for cut in cuts))]
    return large[-1]


def _computed(chain: Chain, values: dict[int, Any]) -> dict[int, Any]:
    made = keras.tree.flatten(chain(*(values[number] for number in chain.inputs)))
    return dict(zip(chain.outputs, made, strict=True))


def _cuts(network: Network) -> Iterator[Cut]:
    """All cuts behind the first kernel that learns, in the order of the network."""
    learned, grid = False, (0, 0)
    attention = max(_attentions(network), default=-1)  # behind it a class token reads no other token any more
    for index in _alone(network):
        chain = network.chains[index]
        shapes = [*(link.shape for link in chain.links[1:]), _read_shape(network, index)]
        for number, (link, shape) in enumerate(zip(chain.links, shapes, strict=True), start=1):
            learned = learned or _learns(link.operation)
            if not learned or _pads(link.operation):
                continue
            height, width = shape[1:3] if len(shape) == 4 else (0, 0)
            if height and width and height * width > 1:
                grid = (height, width)
                yield Cut(network, index, number, grid)
            elif index < attention and _has_tokens(shape, grid):
                yield Cut(network, index, number, grid, tokens=True)


def _attentions(network: Network) -> list[int]:
    """The chains that have an attention."""
    return [
        index
        for index, chain in enumerate(network.chains)
        if any(isinstance(link.operation, ATTENTION) for link in chain.links)
    ]


def _has_tokens(shape: tuple[int | None, ...], grid: tuple[int, int]) -> bool:
    """Whether a value is a sequence that holds a token for every place of the last map."""
    return len(shape) == 3 and grid[0] * grid[1] > 1 and (shape[1] or 0) >= grid[0] * grid[1]


def _learns(operation: keras.Operation) -> bool:
    return hasattr(operation, "kernel") and operation.name != "high_pass"


def _pads(operation: keras.Operation) -> bool:
    """Whether places of its map lie beside those of the image."""
    return isinstance(operation, keras.layers.ZeroPadding2D | keras.layers.Cropping2D)


def _read_shape(network: Network, index: int) -> tuple[int | None, ...]:
    """The shape of what a chain makes, as the chain that reads it has it; () where it comes out of the network."""
    readers = (chain for chain in network.chains[index + 1 :] if chain.inputs[:1] == network.chains[index].outputs)
    return next((chain.links[0].shape for chain in readers if chain.links), ())


def _alone(network: Network) -> Iterator[int]:
    """Chains that everything passes through: nothing else that was made before them is read after them."""
    last_read = {number: index for index, chain in enumerate(network.chains) for number in chain.inputs}
    made = set(network.inputs)
    for index, chain in enumerate(network.chains):
        if len(chain.outputs) == 1 and all(last_read.get(number, -1) <= index for number in made):
            yield index
        made |= set(chain.outputs)
