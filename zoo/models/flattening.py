"""Reading a Keras model into a network of chains, with all models inside of it written out.

Keras has no public way to walk a graph: ``_nodes_by_depth`` and a node's ``arguments`` are what
``keras.models.clone_model`` itself goes by, in every version of Keras 3.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count
from typing import Any, TypeAlias

import keras
from keras.src.models.functional import Functional  # has no public name; keras.Model makes it

from zoo.models.network import Chain, Link, Network, Slot, joined

Step: TypeAlias = Any  # keras.src.ops.node.Node: one call of one operation


def read(model: keras.Model) -> Network:
    """Read a functional model; the layers are the model's own, and neither they nor it are changed.

    Raises:
        TypeError: a model with a ``call`` of its own, which may compute more than its graph.
    """
    if _functional(model) is None:
        raise TypeError(f"Expected a functional model; received {type(model).__name__}. Call it on a keras.Input.")
    numbers = count()
    inputs = tuple(next(numbers) for _ in model.inputs)
    chains, outputs = _written_out(model, inputs, numbers)
    return Network(
        inputs, joined(chains, outputs), outputs, keras.tree.pack_sequence_as(model._outputs_struct, outputs)
    )


def _written_out(
    model: keras.Model, inputs: Sequence[int], numbers: Iterator[int]
) -> tuple[list[Chain], tuple[int, ...]]:
    """The model's calls as chains of one link, from the numbers of its inputs; and the numbers of its outputs."""
    known = dict(zip(map(id, model.inputs), inputs, strict=True))
    chains: list[Chain] = []
    for step in _steps(model):
        given = tuple(known[id(tensor)] for tensor in step.input_tensors)
        inner = _functional(step.operation)
        if inner is not None and _takes_as_they_are(inner, step):
            own, made = _written_out(inner, given, numbers)
            chains += own
        else:
            made = tuple(next(numbers) for _ in step.outputs)
            chains.append(Chain(given, (_link(step),), made))
        known |= dict(zip(map(id, step.outputs), made, strict=True))
    return chains, tuple(known[id(tensor)] for tensor in model.outputs)


def _steps(model: keras.Model) -> list[Step]:
    by_depth = model._nodes_by_depth
    return [step for depth in sorted(by_depth, reverse=True) for step in by_depth[depth] if not step.is_input]


def _functional(operation: keras.Operation) -> keras.Model | None:
    """The graph inside an operation; None where it has none, or a class with a ``call`` of its own."""
    if type(operation) is keras.Sequential:
        return operation._functional
    return operation if type(operation) is Functional else None


def _takes_as_they_are(model: keras.Model, step: Step) -> bool:
    """Whether a called model uses its inputs as they are: Keras casts, and adds or drops an axis, if it must."""
    pairs = zip(model.inputs, step.input_tensors, strict=True)
    return all(own.dtype == given.dtype and len(own.shape) == len(given.shape) for own, given in pairs)


def _link(step: Step) -> Link:
    slots = {id(tensor): Slot(index) for index, tensor in enumerate(step.input_tensors)}
    given = step.arguments.args, step.arguments.kwargs
    arguments = keras.tree.map_structure(lambda value: slots.get(id(value), value), given)
    first = step.input_tensors[0]
    return Link(step.operation, arguments, tuple(first.shape), str(first.dtype))
