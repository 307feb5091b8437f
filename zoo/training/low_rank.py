"""Low-rank adaptation: small matrices beside the dense kernels train, and the kernels stay (LoRA).

Keras' own layers do it; here they are told to, and what was learned is added to the kernels once the training is over,
so that the member is an ordinary network.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np

from zoo.models.assembly import BACKBONE


def adapt(network: keras.Model, rank: int) -> None:
    """Give each dense layer of a network's backbone a pair of matrices, whose product is added to the kernel.

    At first the product is 0, so that the network predicts as before (Hu et al., arXiv:2106.09685). All dense layers
    get one, as Dettmers et al. (arXiv:2305.14314) advise, but for those whose kernel is no larger than the pair.

    Raises:
        ValueError: the backbone has no dense layer that is large enough.
    """
    layers = [layer for layer in _dense_layers(network.get_layer(BACKBONE)) if _is_saving(layer, rank)]
    if not layers:
        raise ValueError(
            f"Expected a backbone with dense layers that are larger than pairs of rank {rank} for adapt='lora'; "
            f"{network.name!r} has none, as most convolutional networks. Set adapt='tune' (--adapt tune)."
        )
    for layer in layers:
        layer.enable_lora(rank)


def is_adapted(layer: keras.layers.Layer) -> bool:
    """Check whether a layer has such a pair."""
    return bool(getattr(layer, "lora_enabled", False))


def train_pair_only(layer: keras.layers.Layer) -> None:
    """Freeze the kernel and the bias of an adapted layer, which Keras wakes with the layer."""
    pair = (id(layer.lora_kernel_a), id(layer.lora_kernel_b))
    for variable in layer.variables:
        variable.trainable = id(variable) in pair


def merged_weights(network: keras.Model) -> list[np.ndarray]:
    """The weights of the network as it was before it was adapted, each pair added to its kernel."""
    adapted = {id(layer._kernel): layer for layer in network._flatten_layers() if is_adapted(layer)}
    pairs = {id(one) for layer in adapted.values() for one in (layer.lora_kernel_a, layer.lora_kernel_b)}
    return [
        np.asarray(adapted[id(weight)].kernel if id(weight) in adapted else weight)
        for weight in network.weights
        if id(weight) not in pairs
    ]


def _dense_layers(model: keras.Model) -> Iterator[Any]:
    for layer in model._flatten_layers():
        if isinstance(layer, keras.layers.Dense | keras.layers.EinsumDense):
            yield layer


def _is_saving(layer: Any, rank: int) -> bool:
    shape = layer.kernel.shape
    return bool(rank * (np.prod(shape[:-1]) + shape[-1]) < np.prod(shape))
