"""The momentum of batch norms that train, by how many steps an epoch has."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import keras

LEAST = 0.8  # of a moving average, kept at each step: a mean of about five batches
PARTS = 4  # of an epoch, over one of which statistics are averaged


@contextmanager
def quick_norms(network: keras.Model, steps: int) -> Iterator[None]:
    """Let the moving statistics of norms that train follow within a part of an epoch, while the block trains.

    Networks of ``keras.applications`` keep 0.99 or 0.999 of them at each step, made for hundreds of thousands of steps.
    After some hundred steps these are the initial values still, and a network that is right on its training images
    guesses on all others. A norm that follows faster by itself stays as it is.

    Args:
        network: whose layers are frozen already, or not.
        steps: of an epoch.
    """
    follows = max(LEAST, 1 - PARTS / steps)
    norms = [layer for layer in network._flatten_layers() if _trains(layer) and layer.momentum > follows]
    own = [norm.momentum for norm in norms]
    for norm in norms:
        norm.momentum = follows
    try:
        yield
    finally:
        for norm, momentum in zip(norms, own, strict=True):
            norm.momentum = momentum


def _trains(layer: keras.layers.Layer) -> bool:
    return isinstance(layer, keras.layers.BatchNormalization) and layer.trainable
