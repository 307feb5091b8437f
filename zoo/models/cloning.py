"""The same network again, under another name or with weights of its own; and one whose layers let go of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras


PART = "part_"  # with a number, the names of networks that are put together to one


def step(tensor: keras.KerasTensor) -> Any:
    """The call of an operation that made a tensor: with its ``operation``, its ``input_tensors`` and its arguments."""
    history = tensor._keras_history
    return history.operation._inbound_nodes[history.node_index]


def clone(model: keras.Model) -> keras.Model:
    """Build the same network anew, with the same numbers in weights of its own."""
    import keras

    copied = keras.models.clone_model(model)
    copy_weights(model, copied)
    return copied


def in_float32(model: keras.Model) -> keras.Model:
    """The same network computing in float32, as its weights are; a model without mixed precision is returned itself."""
    import keras

    def again(layer: Any) -> Any:
        if not isinstance(layer, keras.layers.Layer):
            return layer
        options = {"dtype": "float32"} if _is_mixed(layer) else {}
        return type(layer).from_config(layer.get_config() | options)

    if not any(_is_mixed(layer) for layer in leaf_layers(model)):
        return model
    copied = keras.models.clone_model(model, clone_function=again, recursive=True)
    copy_weights(model, copied)
    return copied


def _is_mixed(layer: keras.layers.Layer) -> bool:
    return str(layer.dtype_policy.name).startswith("mixed_")


def renamed(model: keras.Model, name: str) -> keras.Model:
    """The same network under another name: Keras refuses two layers of one."""
    import keras

    return keras.Model(model.inputs, model.outputs[0], name=name)


def leaf_layers(model: keras.Model) -> Iterator[keras.layers.Layer]:
    """The layers of a model and of the models in it, in their order."""
    import keras

    for layer in model.layers:
        if isinstance(layer, keras.Model):
            yield from leaf_layers(layer)
        else:
            yield layer


def copy_weights(source: keras.Model, target: keras.Model) -> None:
    """Give a model the weights of another one with the same layers, at any image size.

    Raises:
        ValueError: the models' weights differ in number or shape.
    """
    target.set_weights(source.get_weights())
    finalize(target)


def finalize(layer: keras.layers.Layer) -> None:
    """Let ``Normalization`` layers take in their new weights: ``set_weights`` alone leaves them at the old ones."""
    import keras

    if isinstance(layer, keras.Model):
        for inner in layer.layers:
            finalize(inner)
    elif isinstance(layer, keras.layers.Normalization):
        layer.finalize_state()


def take_apart(model: keras.Model) -> None:
    """Let a model's layers forget it, of which each would keep all others in memory; then only they can be used."""
    import keras

    for layer in model.layers:
        if isinstance(layer, keras.Model):
            take_apart(layer)
    for operation in getattr(model, "operations", model.layers):
        operation._inbound_nodes.clear()
        operation._outbound_nodes.clear()
