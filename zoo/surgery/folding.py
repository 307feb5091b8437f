"""Batch norms, rescalings and layer scales taken into the convolution or dense layer beside them.

Folding is exact in real numbers (Jacob et al. 2018, arXiv:1712.05877, section 3.2); it is computed in float64, so that
float32 answers differ by roundings.
"""

from __future__ import annotations

import keras

from zoo.surgery.absorbing import absorbing_after, absorbing_before, absorbs_after, absorbs_before
from zoo.surgery.affine import affine_of
from zoo.surgery.graph import Graph, Step, replaced


def folded(model: keras.Model) -> keras.Model:
    """The network without the scales and shifts that a layer before or after them can take in.

    One that stands between an activation and a padded convolution stays: the border of zeros comes after it.

    Args:
        model: a flat one; it is not changed, and shares the layers that stay.
    """
    while True:
        changes = _changes(model)
        if not changes:
            return model
        model = replaced(model, changes)


def _changes(model: keras.Model) -> dict[int, keras.Operation | None]:
    """What to put in the place of which operations; of layers that could take in two, the second waits."""
    graph = Graph(model)
    changes: dict[int, keras.Operation | None] = {}
    for step in graph.steps:
        pair = _pair(graph, step)
        if pair and not {id(step.operation), id(pair[0])} & changes.keys():
            changes |= {id(step.operation): None, id(pair[0]): pair[1]}
    return changes


def _pair(graph: Graph, step: Step) -> tuple[keras.Operation, keras.Operation] | None:
    """The neighbour that can take a step in, and what stands for both."""
    affine = affine_of(step.operation)
    if affine is None or step.input_tensors[0].dtype != step.outputs[0].dtype:
        return None
    before, after = graph.before(step), graph.after(step)
    if before and absorbs_after(before.operation):
        return before.operation, absorbing_after(before.operation, affine)
    if after and absorbs_before(after.operation, affine):
        return after.operation, absorbing_before(after.operation, affine)
    return None
