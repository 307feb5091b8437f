"""How the attentions of KerasHub's networks are written out: dense layers, and what is computed between them."""

from __future__ import annotations

from typing import Any

import numpy as np

from zoo.models.hub.parts import Writer, part


def dense(writer: Writer, layer: Any, name: str, x: Any, axes: int = 1) -> Any:
    """Write a dense layer; of an ``EinsumDense`` of heads too, whose kernel's first ``axes`` are its inputs."""
    from keras import layers

    kernel = np.asarray(layer.kernel)
    inputs = int(np.prod(kernel.shape[:axes]))
    bias = [] if layer.bias is None else [np.asarray(layer.bias).reshape(-1)]
    made = layers.Dense(kernel.size // inputs, use_bias=bool(bias), name=name, dtype=layer.dtype_policy)
    return writer.call(made, [kernel.reshape(inputs, -1), *bias], x)


@part("Dense")
def _dense(writer: Writer, layer: Any, name: str, x: Any) -> Any:
    """The activation is a layer of its own, which export folds into the kernels around it.

    SigLIP's GELU is KerasHub's function; as an operation of Keras it can be saved without it.
    """
    from keras import activations, layers, ops

    x = dense(writer, layer, name, x)
    activation = layer.activation
    if activation is activations.linear:
        return x
    kind = activation.__name__
    if kind == "gelu_approximate":
        return ops.gelu(x, approximate=True)
    return layers.Activation(activation, name=f"{name}_{kind}", dtype=layer.dtype_policy)(x)


@part("MultiHeadAttention")
def _attention(writer: Writer, layer: Any, name: str, query: Any, value: Any = None, key: Any = None) -> Any:
    from zoo.models.hub.attention_layers import Attention

    value = query if value is None else value
    key = value if key is None else key
    made = Attention(layer.num_heads, name=f"{name}_heads", dtype=layer.dtype_policy)(
        dense(writer, layer.query_dense, f"{name}_query", query),
        dense(writer, layer.key_dense, f"{name}_key", key),
        dense(writer, layer.value_dense, f"{name}_value", value),
    )
    return dense(writer, layer.output_dense, f"{name}_output", made, axes=2)


@part("DINOV2Attention")
def _dinov2_attention(writer: Writer, layer: Any, name: str, x: Any) -> Any:
    return layer.attention(x)


@part("DINOV3Attention")
def _rotary_attention(writer: Writer, layer: Any, name: str, x: Any) -> Any:
    from zoo.models.hub.attention_layers import Attention, Rotary

    def turned(tokens: Any, what: str) -> Any:
        options = {"name": f"{name}_{what}_rotary", "dtype": layer.dtype_policy}
        return Rotary(writer.grid, layer.num_heads, writer.prefix, writer.theta, **options)(tokens)

    made = Attention(layer.num_heads, name=f"{name}_heads", dtype=layer.dtype_policy)(
        turned(layer.query_dense(x), "query"), turned(layer.key_dense(x), "key"), layer.value_dense(x)
    )
    return layer.output_dense(made)


@part("SigLIPMultiHeadAttentionPooling")
def _attention_pooling(writer: Writer, layer: Any, name: str, x: Any) -> Any:
    from keras import ops

    from zoo.models.hub.token_layers import PooledTokens, Probe

    probe = Probe(name=f"{name}_probe", dtype=layer.dtype_policy)
    query = writer.call(probe, [np.asarray(layer.probe)[0]], x)
    x = layer.attention(query, x, x)
    x = ops.add(x, layer.mlp(layer.layer_norm(x)))
    return PooledTokens("first", 1, name=f"{name}_pooled", dtype=layer.dtype_policy)(x)
