"""What happens to pixels one after another, in one step."""

from __future__ import annotations

import keras

from zoo.surgery.affine import Affine, affine_of
from zoo.surgery.graph import Graph, Step, replaced

KINDS = (keras.layers.Rescaling, keras.layers.Normalization)


def rescaled_once(model: keras.Model) -> keras.Model:
    """The network with rescalings and normalizations that follow each other as one ``Rescaling``.

    Its numbers are constants of the graph, where a ``Normalization`` keeps tensors that converters take for inputs.

    Args:
        model: a flat one; it is not changed, and shares the layers that stay.
    """
    while changes := _changes(Graph(model)):
        model = replaced(model, changes)
    return model


def _changes(graph: Graph) -> dict[int, keras.Operation | None]:
    """The first pair to join, or the first normalization to write in other words."""
    for step in graph.steps:
        own, after = _affine(step), graph.after(step)
        then = _affine(after) if after else None
        if own and after and then:
            joined = Affine(own.scale * then.scale, own.shift * then.scale + then.shift)
            return {id(step.operation): None, id(after.operation): _rescaling(joined, after.operation)}
        if own and isinstance(step.operation, keras.layers.Normalization):
            return {id(step.operation): _rescaling(own, step.operation)}
    return {}


def _affine(step: Step) -> Affine | None:
    return affine_of(step.operation) if type(step.operation) in KINDS else None


def _rescaling(affine: Affine, layer: keras.layers.Layer) -> keras.layers.Layer:
    return keras.layers.Rescaling(
        affine.scale.tolist(), affine.shift.tolist(), dtype=layer.dtype_policy, name=layer.name
    )
