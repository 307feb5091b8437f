"""How the parts of MobileNetV5 are written out that have no layer of Keras'."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from zoo.models.hub.parts import Writer, part


@part("MultiQueryAttention2d")
def _attention(writer: Writer, layer: Any, name: str, x: Any) -> Any:
    """Attention over the positions of a map, in which all heads share keys and values."""
    from keras import layers

    from zoo.models.hub.attention_layers import Attention

    def flat(tensor: Any, what: str) -> Any:
        shape = (-1, tensor.shape[-1])
        return layers.Reshape(shape, name=f"{name}_{what}_flat", dtype=layer.dtype_policy)(tensor)

    query, key, value = (_along(some, x) for some in (layer.query_layers, layer.key_layers, layer.value_layers))
    made = Attention(layer.num_heads, shared=True, name=f"{name}_heads", dtype=layer.dtype_policy)
    mixed = made(flat(query, "query"), flat(key, "key"), flat(value, "value"))
    shape = (*query.shape[1:3], mixed.shape[-1])
    mixed = layers.Reshape(shape, name=f"{name}_map", dtype=layer.dtype_policy)(mixed)
    return _along(layer.output_proj_layers, mixed)


@part("Activation")
def _activation(writer: Writer, layer: Any, name: str, x: Any) -> Any:
    """MobileNetV5 has its GELU in a function without a name, which could not be saved."""
    from keras import activations, layers

    activation = layer.activation
    if activation.__name__ == "<lambda>":
        probes = np.linspace(-3, 3, 13, dtype=np.float32)
        if not np.allclose(activation(probes), activations.gelu(probes), atol=1e-6):
            raise ValueError(f"Expected GELU in {name}; received a function without a name. Use another preset.")
        activation = activations.gelu
    return layers.Activation(activation, name=name, dtype=layer.dtype_policy)(x)


def _along(some: Sequence[Any], x: Any) -> Any:
    for layer in some:
        x = layer(x)
    return x
