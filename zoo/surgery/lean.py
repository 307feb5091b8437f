"""A network as it is exported: nothing but what an answer needs."""

from __future__ import annotations

from collections.abc import Callable

import keras

from zoo.surgery.activations import with_plain_activations
from zoo.surgery.folding import folded
from zoo.surgery.graph import flat
from zoo.surgery.padding import with_own_padding
from zoo.surgery.rescaling import rescaled_once
from zoo.surgery.separable import separated
from zoo.surgery.training_only import without_training_layers

# In this order: norms fold into what separable convolutions become; a shift of floats into a convolution without a
# border; and what is left of the pixels' rescalings becomes one, of integers.
REWRITES: tuple[Callable[[keras.Model], keras.Model], ...] = (
    without_training_layers,
    separated,
    folded,
    rescaled_once,
    with_own_padding,
    with_plain_activations,
)


def lean(model: keras.Model) -> keras.Model:
    """The same answers from fewer and faster layers, with weights of their own.

    Args:
        model: any functional network, with networks inside of it or not; it is left as it is.
    """
    rewritten = flat(model)
    for rewrite in REWRITES:
        rewritten = rewrite(rewritten)
    return rewritten
