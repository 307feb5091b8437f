"""The networks that a member's network averages: over folds, and over flips and turns of an image."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import keras
import numpy as np

from zoo.models.cloning import PART
from zoo.models.from_keras import order_of


@dataclass(frozen=True, eq=False)
class Part:
    """One network that is averaged, and how it sees the images.

    Attributes:
        model: the network.
        transposed: it sees rows as columns.
        flips: the axes of the images that are mirrored after that.
        columns: of the network's own logits, in the order of the member's; None for the same order.
    """

    model: keras.Model
    transposed: bool = False
    flips: tuple[int, ...] = ()
    columns: tuple[int, ...] | None = None

    def own_order(self, directions: np.ndarray) -> np.ndarray:
        """Bring what the member's logits ``(N, classes)`` are multiplied with into the order of the network's own."""
        return directions if self.columns is None else directions[:, np.argsort(self.columns)]

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
    order, columns = order_of(whole.model), whole.columns
    if order is not None and inner:
        columns = tuple(order if columns is None else [order[column] for column in columns])
    for network in inner:
        for transposed, flips in _views(whole.model) or [(whole.transposed, whole.flips)]:
            yield from _parts(Part(network, transposed, flips, columns))


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
