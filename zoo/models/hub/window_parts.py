"""How Swin's blocks are written out: on maps ``(N, height, width, channels)`` all along, the last one included."""

from __future__ import annotations

from typing import Any

from zoo.models.hub.parts import Writer, part


@part("PatchEmbedding")
def _patches(writer: Writer, layer: Any, name: str, images: Any) -> Any:
    x = layer.proj(images)
    return layer.norm(x) if layer.norm else x


@part("SwinTransformerBlock")
def _block(writer: Writer, layer: Any, name: str, x: Any) -> Any:
    """Maps that no whole number of windows covers are padded before they are shifted, as in Transformers."""
    from keras import ops

    from zoo.models.hub.attention_layers import WindowAttention

    height, width = x.shape[1:3]
    reach = layer.attn.win_h
    window = min(reach, height, width)
    shift = reach // 2 if layer.name.endswith(("1", "3", "5", "7", "9")) and min(height, width) > reach else 0
    down, across = -height % window, -width % window
    tokens = layer.norm1(x)
    if down or across:
        tokens = ops.pad(tokens, [(0, 0), (0, down), (0, across), (0, 0)])
    made = WindowAttention(layer.num_heads, window, shift, reach, name=f"{name}_windows", dtype=layer.dtype_policy)
    tokens = writer.call(made, [layer.attn.relative_position_bias_table], layer.attn.qkv(tokens))
    tokens = layer.attn.proj(tokens)
    if down or across:
        tokens = tokens[:, :height, :width]
    x = ops.add(x, tokens)
    return ops.add(x, layer.mlp(layer.norm2(x)))


@part("Mlp")
def _mlp(writer: Writer, layer: Any, name: str, x: Any) -> Any:
    """The activation is a layer, as elsewhere, and not an operation, which export would leave as it is."""
    from keras import layers

    x = layers.Activation(layer.act_layer, name=f"{name}_gelu", dtype=layer.dtype_policy)(layer.fc1(x))
    return layer.fc2(x)


@part("PatchMerging")
def _merged(writer: Writer, layer: Any, name: str, x: Any, **_: Any) -> Any:
    """Four neighbours become one, column by column."""
    from keras import ops

    height, width, channels = x.shape[1:]
    if height % 2 or width % 2:
        x = ops.pad(x, [(0, 0), (0, height % 2), (0, width % 2), (0, 0)])
        height, width = x.shape[1:3]
    x = ops.reshape(x, (-1, height // 2, 2, width // 2, 2, channels))
    x = ops.reshape(ops.transpose(x, (0, 1, 3, 4, 2, 5)), (-1, height // 2, width // 2, 4 * channels))
    return layer.reduction(layer.norm(x))
