"""Features of several of a backbone's layers, side by side: what a head reads besides the last feature map."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from zoo.utils.text import suggestion

if TYPE_CHECKING:
    import keras

LARGER = 1.5  # times the side of a feature map has at least the one of the stage before


def with_layers(backbone: keras.Model, which: int | Sequence[str], pooling: str) -> keras.Model:
    """Let a backbone return the pooled features of several layers, side by side ``(N, features)``.

    Args:
        backbone: that returns a feature map ``(N, H, W, C)``.
        which: of how many stages, counted from the output, the last feature maps are pooled: a stage ends where
            the maps become smaller. Or the names of layers, in this order. 1 leaves the backbone as it is.
        pooling: ``average`` or ``max`` over the positions of each map.

    Raises:
        ValueError: a backbone with fewer stages or without feature maps, or a layer that it does not have.
    """
    import keras

    if which == 1:
        return backbone
    pool = keras.layers.GlobalAveragePooling2D if pooling == "average" else keras.layers.GlobalMaxPooling2D
    outputs = _named(backbone, which) if not isinstance(which, int) else _last_of_stages(backbone, which)
    pooled = [pool(name=f"pooled_{number}")(one) if len(one.shape) == 4 else one for number, one in enumerate(outputs)]
    features = keras.layers.Concatenate(name="features")(pooled) if len(pooled) > 1 else pooled[0]
    return keras.Model(backbone.input, features, name=backbone.name)


def _named(backbone: keras.Model, which: Sequence[str]) -> list[keras.KerasTensor]:
    names = [layer.name for layer in backbone.layers]
    for name in which:
        if name not in names:
            raise ValueError(
                f"Expected layers of the head as names of layers of {backbone.name!r}; received {name!r}. "
                f"{suggestion(name, names)} They run from {names[0]} to {names[-1]}."
            )
    outputs = [backbone.get_layer(name).output for name in which]
    for name, output in zip(which, outputs, strict=True):
        if len(getattr(output, "shape", ())) not in (2, 4):
            raise ValueError(
                f"Expected layers of the head with feature maps or flat features; received {name!r} of shape "
                f"{getattr(output, 'shape', None)}. Name other layers."
            )
    return outputs


def _last_of_stages(backbone: keras.Model, count: int) -> list[keras.KerasTensor]:
    """The last feature map of each stage, from the earliest stage to the output."""
    found = [backbone.output]
    if len(backbone.output.shape) != 4:
        raise ValueError(
            f"Expected a backbone with feature maps for layers={count} of the head; received one with an output of "
            f"shape {tuple(backbone.output.shape)}. Name layers, or leave layers out."
        )
    borders = ("ZeroPadding2D", "Cropping2D", "InputLayer", "Pad")
    for operation in reversed(backbone.operations):  # sums are no layers where they are written as x + y
        shape = getattr(getattr(operation, "output", None), "shape", ())
        if type(operation).__name__ in borders or len(shape) != 4 or len(found) == count:
            continue
        if min(shape[1:3]) >= LARGER * min(found[-1].shape[1:3]):
            found.append(operation.output)
    if len(found) < count:
        raise ValueError(
            f"Expected layers of the head as 1 to {len(found)}, the stages of this backbone for images of this size; "
            f"received {count}. Take fewer, or larger images (resize)."
        )
    return found[::-1]
