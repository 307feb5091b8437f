"""A member's network cut behind its backbone: images to pooled features, and features to logits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.models.assembly import HEAD

if TYPE_CHECKING:
    import keras


def trunk(network: keras.Model) -> keras.Model:
    """All of a network up to its pooled features ``(N, features)``; nothing in it is random when it predicts."""
    import keras

    last = network.outputs[0]._keras_history
    features = last.operation._inbound_nodes[last.node_index].input_tensors[0]
    for layer in _pooling(network):
        features = layer(features)
    return keras.Model(network.input, features, name="trunk")


def tail(network: keras.Model) -> keras.Model:
    """What comes after :func:`trunk`, sharing its weights: pooled features in, logits out."""
    import keras

    layers = network.get_layer(HEAD).layers[1 + len(_pooling(network)) :]
    features = keras.Input(layers[0].input.shape[1:], name="features")
    x = features
    for layer in layers:
        x = layer(x)
    return keras.Model(features, x, name=network.name)


def _pooling(network: keras.Model) -> list[keras.layers.Layer]:
    """The head's first layer, where it pools; a backbone of flat features needs none."""
    import keras

    first = network.get_layer(HEAD).layers[1]
    pools = (keras.layers.GlobalAveragePooling2D, keras.layers.GlobalMaxPooling2D)
    return [first] if isinstance(first, pools) else []
