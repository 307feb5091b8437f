"""A network as it is exported: only what a prediction needs."""

from __future__ import annotations

import keras

from zoo.export.optimise.activations import with_plain_activations, without_training_layers
from zoo.export.optimise.convolutions import separated, ungrouped, with_own_padding
from zoo.export.optimise.folding import folded, with_bare_norms
from zoo.export.optimise.rescaling import rescaled_once, scaled_by_kernels, with_plain_sums
from zoo.export.optimise.resizing import with_plain_resizing
from zoo.models.flattening import read
from zoo.models.network import Memo, Network, Rewrite

# In this order: norms fold into what separable convolutions become, and so do rescalings that are split off GELUs and
# layer norms; a shift of floats into a convolution without a border; what is left of the pixels' rescalings becomes
# one, of integers; and its scale goes behind the border.
REWRITES: tuple[Rewrite, ...] = (
    without_training_layers,
    ungrouped,
    separated,
    with_plain_activations,
    with_bare_norms,
    folded,
    rescaled_once,
    with_own_padding,
    scaled_by_kernels,
    with_plain_resizing,
)


def lean(model: keras.Model, memo: Memo | None = None) -> Network:
    """The same predictions from fewer and faster layers; unchanged layers are the model's own.

    Args:
        model: any functional network, with networks inside of it or not; it is left as it is.
        memo: of other networks that may share layers with it.
    """
    memo = memo or Memo()
    network = with_plain_sums(read(model), memo)
    for rewrite in REWRITES:
        network = network.rewritten(rewrite, memo)
    return network
