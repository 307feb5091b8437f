"""What stands for the layers of KerasHub that have weights of their own, or need the batch size: by their class's name.

Each function writes a part into a graph: ``(writer, layer, name, *tensors)`` to the tensor that comes out of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from zoo.models.hub.positions import resized

if TYPE_CHECKING:
    import keras

Part = Callable[..., Any]
PARTS: dict[str, Part] = {}


def part(*names: str) -> Callable[[Part], Part]:
    """Decorate a function to let it write the layers of these classes."""

    def enter(function: Part) -> Part:
        PARTS.update(dict.fromkeys(names, function))
        return function

    return enter


class Writer:
    """Makes the layers of a network that is written out, and remembers whose weights they get.

    Attributes:
        grid: rows and columns of the patches, once they are known.
        prefix: tokens before them.
        theta: base of the frequencies of rotary positions.
    """

    def __init__(self) -> None:
        self.grid = (0, 0)
        self.prefix = 0
        self.theta = 0.0
        self._made: dict[int, keras.layers.Layer] = {}
        self._weights: list[tuple[keras.layers.Layer, Sequence[Any]]] = []

    def again(self, layer: Any, kind: type, name: str, *tensors: Any) -> Any:
        """Call a layer of Keras' own under another name; one that does nothing is left out."""
        if kind.__name__ == "Identity" or (kind.__name__ == "Dropout" and len(tensors) == 1):
            return tensors[0]
        if id(layer) not in self._made:
            self._made[id(layer)] = kind.from_config(layer.get_config() | {"name": name})  # type: ignore[attr-defined]
            self._weights.append((self._made[id(layer)], layer.weights))
        return self._made[id(layer)](*tensors)

    def call(self, layer: keras.layers.Layer, weights: Sequence[Any], *tensors: Any) -> Any:
        """Call a new layer, which gets these weights."""
        self._weights.append((layer, weights))
        return layer(*tensors)

    def give_weights(self) -> None:
        """Copy the weights, which layers have once they were called."""
        for layer, weights in self._weights:
            layer.set_weights([np.asarray(weight) for weight in weights])


def patches(writer: Writer, convolution: Any, images: Any) -> Any:
    """Cut images into patches ``(N, patches, width)``, and note their grid."""
    from keras import layers

    x = convolution(images)
    writer.grid = (x.shape[1], x.shape[2])
    return layers.Reshape((-1, x.shape[3]), name="embedding_flat", dtype=x.dtype)(x)


def with_tokens(writer: Writer, layer: Any, x: Any, tokens: Sequence[Any], table: Any, **how: Any) -> Any:
    """Add positions, resized from their own grid, and put tokens first.

    Args:
        writer: of the network.
        layer: of KerasHub.
        x: patches.
        tokens: arrays ``(1, n, width)`` in their order.
        table: positions of the first tokens and the patches, ``(n, width)``; None without.
        how: ``source``, the grid of the table; ``antialias``.
    """
    from zoo.models.hub.token_layers import Tokens

    antialias = how.get("antialias", False)
    before = [np.asarray(token, np.float32).reshape(-1, x.shape[-1]) for token in tokens]
    prefix = np.concatenate(before) if before else np.zeros((0, x.shape[-1]), np.float32)
    weights = []
    if table is not None:
        table = np.asarray(table, np.float32).reshape(-1, x.shape[-1])
        source = how["source"]
        placed = len(table) - source[0] * source[1]  # tokens that have positions
        prefix = prefix + np.pad(table[:placed], [(0, len(prefix) - placed), (0, 0)])
        weights = [resized(table[placed:], source, writer.grid, antialias=antialias)]
    writer.prefix = len(prefix)
    options = {"positions": table is not None, "antialias": antialias, "dtype": layer.dtype_policy}
    made = Tokens(writer.grid, len(prefix), **options, name="embedding")
    return writer.call(made, [*([prefix] if len(prefix) else []), *weights], x)


def _grid(layer: Any, size: Any = None) -> tuple[int, int]:
    height, width = size or layer.image_size
    patch = layer.patch_size
    down, across = (patch, patch) if isinstance(patch, int) else patch
    return height // down, width // across


@part("ViTPatchingAndEmbedding")
def _vit_tokens(writer: Writer, layer: Any, name: str, images: Any) -> Any:
    x = patches(writer, layer.patch_embedding, images)
    first = [layer.class_token] if layer.use_class_token else []
    return with_tokens(writer, layer, x, first, layer.position_embedding.embeddings, source=_grid(layer))


@part("DeiTEmbeddings")
def _deit_tokens(writer: Writer, layer: Any, name: str, images: Any) -> Any:
    x = patches(writer, layer.patch_embedding, images)
    first = [layer.class_token, layer.distillation_token]
    return with_tokens(writer, layer, x, first, layer.position_embedding, source=_grid(layer))


@part("SigLIPVisionEmbedding")
def _siglip_tokens(writer: Writer, layer: Any, name: str, images: Any) -> Any:
    x = patches(writer, layer.patch_embedding, images)
    source = _grid(layer, (layer.image_size, layer.image_size))
    return with_tokens(writer, layer, x, [], layer.position_embedding.embeddings, source=source)


@part("DINOV2Embedding")
def _dinov2_tokens(writer: Writer, layer: Any, name: str, images: Any) -> Any:
    x = patches(writer, layer.patch_embeddings.projection, images)
    registers = [layer.register_tokens] if layer.num_register_tokens else []
    how = {"source": _grid(layer, layer.position_embedding_shape), "antialias": layer.antialias_in_interpolation}
    return with_tokens(writer, layer, x, [layer.cls_token, *registers], layer.position_embeddings, **how)


@part("DINOV3Embedding")
def _dinov3_tokens(writer: Writer, layer: Any, name: str, images: Any) -> Any:
    x = patches(writer, layer.patch_embeddings.projection, images)
    registers = [layer.register_tokens] if layer.num_register_tokens else []
    return with_tokens(writer, layer, x, [layer.cls_token, *registers], None)


@part("DINOV3RopePositionEmbedding")
def _no_angles(writer: Writer, layer: Any, name: str, images: Any) -> Any:
    """The angles are computed where they are used."""
    writer.theta = layer.rope_theta
    return images, images


@part("DINOV2Encoder", "DINOV3Encoder", "DeiTEncoder")
def _blocks(writer: Writer, layer: Any, name: str, x: Any) -> Any:
    """All blocks; KerasHub's also return what lies between them."""
    deit = hasattr(layer, "encoder_layers")
    for block in layer.encoder_layers if deit else layer.layers:
        made = block(x)
        x = made[0] if deit else made
    return (layer.layer_norm(x), None, None) if deit else (x, {})


@part("DINOV2LayerScale", "DINOV3LayerScale", "LayerScale2d")
def _layer_scale(writer: Writer, layer: Any, name: str, x: Any) -> Any:
    """ConvNeXt's layer of this purpose is in Keras, and export folds it."""
    from keras.src.applications.convnext import LayerScale

    return writer.call(LayerScale(1.0, x.shape[-1], name=name, dtype=layer.dtype_policy), layer.weights, x)


@part("RmsNorm2d")
def _rms_norm(writer: Writer, layer: Any, name: str, x: Any) -> Any:
    from keras import layers

    return writer.call(
        layers.RMSNormalization(epsilon=layer.eps, name=name, dtype=layer.dtype_policy), layer.weights, x
    )


@part("DropPath", "DINOV2DropPath", "DINOV3DropPath")
def _dropped(writer: Writer, layer: Any, name: str, x: Any) -> Any:
    """Left out: how a member is regularised is the recipe's matter."""
    return x
