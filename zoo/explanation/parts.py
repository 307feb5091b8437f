"""The networks that a member's network averages: over folds, and over flips and turns of an image."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import keras
import numpy as np

PART = "part_"  # the names of what :mod:`zoo.members.averaging` and :mod:`zoo.members.test_time_views` put together


@dataclass(frozen=True, eq=False)
class Part:
    """One network that is averaged, and how it sees the images.

    Attributes:
        model: the network.
        transposed: it sees rows as columns.
        flips: the axes of the images that are mirrored after that.
    """

    model: keras.Model
    transposed: bool = False
    flips: tuple[int, ...] = ()

    def turn(self, images: np.ndarray) -> np.ndarray:
        """Turn images ``(N, H, W, 3)`` as the network sees them."""
        turned = images.swapaxes(1, 2) if self.transposed else images
        return np.ascontiguousarray(np.flip(turned, self.flips))

    def turn_back(self, maps: np.ndarray) -> np.ndarray:
        """Turn maps ``(N, H, W)`` as the images lay."""
        flipped = np.flip(maps, self.flips)
        return flipped.swapaxes(1, 2) if self.transposed else flipped


def parts_of(model: keras.Model) -> list[Part]:
    """Take a member's network apart, as far as it is a mean of others."""
    return list(_parts(Part(model)))


def _parts(whole: Part) -> Iterator[Part]:
    inner = [layer for layer in whole.model.layers if _is_part(layer)]
    if not inner:
        yield whole
    for network in inner:
        for transposed, flips in _views(whole.model) or [(whole.transposed, whole.flips)]:
            yield from _parts(Part(network, transposed, flips))


def _is_part(layer: keras.layers.Layer) -> bool:
    """Whether a layer is a member's network; one of a user's may have such a name, but takes no bytes."""
    return layer.name.startswith(PART) and isinstance(layer, keras.Model) and layer.inputs[0].dtype == "uint8"


def _views(model: keras.Model) -> list[tuple[bool, tuple[int, ...]]]:
    """How a network over views turns images, in the order of :mod:`zoo.members.test_time_views`; none for others."""
    joined = next((step for step in model.operations if type(step).__name__ == "Concatenate"), None)
    if joined is None:
        return []
    count = len(joined._inbound_nodes[0].input_tensors)
    return [(turned, flips) for turned in (False, True)[: count // 4] for flips in ((), (2,), (1,), (1, 2))]
