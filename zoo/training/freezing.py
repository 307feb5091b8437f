"""What of a backbone trains.

Keras reads ``trainable`` when a model is compiled, so compile after each change.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import keras


def unfreeze(backbone: keras.Model, what: Literal["all"] | int | float | None, *, train_batch_norm: bool) -> None:
    """Let the last part of a backbone train and freeze the rest.

    Args:
        backbone: the model to set.
        what: ``"all"``, a number of layers, a share of the parameters (a fraction below 1), or None for nothing;
            counted from the output.
        train_batch_norm: False keeps batch norms as they are, at inference statistics.
    """
    leaves = list(_leaves(backbone))
    backbone.trainable = True
    open_from = _first_trainable(leaves, what)
    for position, layer in enumerate(leaves):
        norm = isinstance(layer, keras.layers.BatchNormalization)
        layer.trainable = position >= open_from and (train_batch_norm or not norm)


def _first_trainable(leaves: list[keras.layers.Layer], what: Literal["all"] | int | float | None) -> int:
    if what == "all":
        return 0
    if what is None:
        return len(leaves)
    if isinstance(what, int):
        return max(len(leaves) - what, 0)
    return _first_of_share(leaves, what)


def _first_of_share(leaves: list[keras.layers.Layer], share: float) -> int:
    """Go back from the output until the share is reached, so that a share above 0 always trains something."""
    wanted = share * sum(layer.count_params() for layer in leaves)
    for position in reversed(range(len(leaves))):
        wanted -= leaves[position].count_params()
        if wanted <= 0:
            return position
    return 0


def _leaves(model: keras.Model) -> Iterator[keras.layers.Layer]:
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            yield from _leaves(layer)
        else:
            yield layer
