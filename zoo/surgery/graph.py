"""Reading a network's graph step by step, and building another one from it.

A step is one call of one operation. Keras has no public way to walk them: ``_nodes_by_depth`` and a node's
``arguments`` are what ``keras.models.clone_model`` itself goes by, in every version of Keras 3.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import keras

from zoo.surgery.copies import finalize

Step: TypeAlias = Any  # keras.src.ops.node.Node
Call: TypeAlias = Callable[..., Any]


class Graph:
    """Who makes what, and who reads it.

    Args:
        model: a functional one.
    """

    def __init__(self, model: keras.Model) -> None:
        self.steps = steps(model)
        self._makers = {id(tensor): step for step in self.steps for tensor in step.outputs}
        self._readers: dict[int, list[Step | None]] = defaultdict(list)
        for step in self.steps:
            for tensor in step.input_tensors:
                self._readers[id(tensor)].append(step)
        for tensor in model.outputs:
            self._readers[id(tensor)].append(None)
        self._calls: dict[int, int] = defaultdict(int)
        for step in self.steps:
            self._calls[id(step.operation)] += 1

    def before(self, step: Step) -> Step | None:
        """The step that makes the one input of a step for it alone, by an operation that is called once."""
        if len(step.input_tensors) != 1:
            return None
        maker = self._makers.get(id(step.input_tensors[0]))
        return maker if maker is not None and self.after(maker) is step else None

    def after(self, step: Step) -> Step | None:
        """The step that alone reads what a step makes; both of operations that are called once."""
        readers = self._readers[id(step.outputs[0])] if len(step.outputs) == 1 else []
        if len(readers) != 1 or readers[0] is None or len(readers[0].input_tensors) != 1:
            return None
        once = self._calls[id(step.operation)] == self._calls[id(readers[0].operation)] == 1
        return readers[0] if once else None


def steps(model: keras.Model) -> list[Step]:
    """All calls of a functional model's operations, in the order in which they can be computed."""
    by_depth = model._nodes_by_depth
    return [step for depth in sorted(by_depth, reverse=True) for step in by_depth[depth] if not step.is_input]


def rebuilt(model: keras.Model, call: Call) -> keras.Model:
    """Build a network of another one's graph.

    Args:
        model: a functional one with one output.
        call: ``call(step, *args, **kwargs)`` gives what stands for the step's output; a layer that it calls is shared.
    """
    inputs = [keras.Input(batch_shape=old.shape, dtype=old.dtype, name=old.name) for old in model.inputs]
    outputs = walk(model, inputs, call)
    return keras.Model(inputs if len(inputs) > 1 else inputs[0], outputs, name=model.name)


def replaced(model: keras.Model, operations: Mapping[int, keras.Operation | None]) -> keras.Model:
    """Put other operations, or nothing where that is None, in the place of some, told by their ``id``."""

    def call(step: Step, *args: Any, **kwargs: Any) -> Any:
        operation = operations.get(id(step.operation), step.operation)
        return args[0] if operation is None else operation(*args, **kwargs)

    return rebuilt(model, call) if operations else model


def flat(model: keras.Model) -> keras.Model:
    """Copy a network with all networks inside of it written out; every layer has weights of its own."""
    names: set[str] = set()
    copies: dict[int, keras.Operation] = {}

    def call(step: Step, *args: Any, **kwargs: Any) -> Any:
        old = step.operation
        inner = _functional(old)
        if inner is not None:
            return walk(inner, args, call)
        if id(old) in copies:
            return copies[id(old)](*args, **kwargs)
        copies[id(old)] = new = type(old).from_config(old.get_config() | {"name": _unique(old.name, names)})
        made = new(*args, **kwargs)
        _take_weights(old, new)
        return made

    return rebuilt(model, call)


def walk(model: keras.Model, inputs: Any, call: Call) -> Any:
    """Compute a model's one output from tensors, ``call`` in the place of every step."""
    known = {id(old): new for old, new in zip(model.inputs, inputs, strict=True)}
    for step in steps(model):
        args, kwargs = step.arguments.fill_in(known)
        made = keras.tree.flatten(call(step, *args, **kwargs))
        known |= {id(old): new for old, new in zip(step.outputs, made, strict=True)}
    return known[id(model.outputs[0])]


def _functional(operation: keras.Operation) -> keras.Model | None:
    """The graph inside an operation that is a model of one output; None where it cannot be read."""
    inner = getattr(operation, "_functional", operation)  # a Sequential has its graph inside
    return inner if hasattr(inner, "_nodes_by_depth") and len(inner.outputs) == 1 else None


def _take_weights(old: keras.Operation, new: keras.Operation) -> None:
    if isinstance(old, keras.layers.Layer) and old.weights:
        new.set_weights(old.get_weights())
        finalize(new)


def _unique(name: str, taken: set[str]) -> str:
    free = name
    number = 1
    while free in taken:
        number += 1
        free = f"{name}_{number}"
    taken.add(free)
    return free
