"""A network of KerasHub written out in small layers.

KerasHub keeps a whole encoder in one layer, whose parts can be neither frozen, nor saved, nor rewritten at export one
by one, and some of its networks take square images only. Here its own ``call`` methods are run on symbolic tensors:
layers of KerasHub dissolve into the layers that they call, which are Keras' own, under names that tell their place.
Where a layer of KerasHub computes with weights of its own, :mod:`zoo.models.hub.parts` says what stands for it.
"""

from __future__ import annotations

from collections.abc import Callable
from inspect import signature
from typing import TYPE_CHECKING, Any

from zoo.models.hub.parts import PARTS, Writer

if TYPE_CHECKING:
    import keras

Ending = Callable[[Writer, Any], Any]
SHORTER = {  # how KerasHub's names of parts begin, and what they are called here; encoders hold all and need no name
    "vit_patching_and_embedding": "embedding",
    "deit_patching_and_embedding": "embedding",
    "embeddings": "embedding",
    "vit_encoder": "",
    "deit_encoder": "",
    "encoder": "",
}
BLOCKS = ("transformer_block_", "layers_", "encoder_block_")


def written_out(hub: keras.Model, shape: tuple[int, int, int], end: Ending) -> keras.Model:
    """Write out a network of KerasHub, with its weights; that one is of no use afterwards.

    Args:
        hub: a backbone.
        shape: ``(height, width, 3)`` of the images that are wanted; positions are resized.
        end: continues from the backbone's output to features.
    """
    import keras

    writer = Writer()
    for layer in hub.layers:
        _prepare(layer, _short(layer.name.removeprefix(f"{hub.name}_")), writer)
    images = keras.Input(shape, name="images")
    outputs = hub._run_through_graph([images], operation_fn=lambda operation: operation)
    network = keras.Model(images, end(writer, outputs))
    writer.give_weights()
    return network


def _prepare(layer: Any, name: str, writer: Writer) -> None:
    """Let a layer write itself into a graph when it is called, instead of becoming a part of it."""
    import keras

    if isinstance(layer, keras.layers.InputLayer) or not isinstance(layer, keras.layers.Layer):
        return
    kind = type(layer)
    if kind.__name__ in PARTS:
        _calls(layer, lambda *tensors, **_: PARTS[kind.__name__](writer, layer, name, *tensors))
    elif kind.__module__.startswith("keras."):
        _calls(layer, lambda *tensors, **_: writer.again(layer, kind, name, *tensors))
        return
    else:
        _calls(layer, _tolerant(layer.call))
    for inner in layer._layers:
        _prepare(inner, _joined(name, _short(inner.name)), writer)


def _tolerant(call: Callable[..., Any]) -> Callable[..., Any]:
    """Drop named arguments that a layer does not take, such as ``training``, as Keras does."""
    taken = signature(call).parameters
    return lambda *tensors, **named: call(*tensors, **{key: value for key, value in named.items() if key in taken})


def _calls(layer: Any, what: Callable[..., Any]) -> None:
    """Python looks a call up in the class: this one object gets a class of its own."""
    own = type(type(layer).__name__, (type(layer),), {"__call__": lambda _, *args, **named: what(*args, **named)})
    object.__setattr__(layer, "__class__", own)


def _short(name: str) -> str:
    for beginning in BLOCKS:
        if name.startswith(beginning):
            number = int(name.removeprefix(beginning)) - (beginning == "transformer_block_")  # ViT's begin at 1
            return f"block_{number}"
    return SHORTER.get(name, name)


def _joined(place: str, name: str) -> str:
    """A part's name in its place, of which it may tell already."""
    if name.startswith(place):
        return name or place
    return place if place.endswith(f"_{name}") else "_".join(part for part in (place, name) if part)
