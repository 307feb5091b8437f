"""A fitted rule as stock Keras layers, so that it can be exported with its members.

A rule's own file says in `write_layers` of which layers it consists; this one has the layers that they share. Only this
module, `ensembles.uncertainty_layers` and `write_layers` itself import Keras. All layers are float32, also where
members run in mixed precision: half-precision members round their logits, but the rule does not.
"""

from collections.abc import Sequence
from typing import TypeAlias

import keras
import numpy as np
from keras import ops

from ensembles.registry import saved_classes
from ensembles.rule import Array, Rule, check_fitted
from ensembles.weighted_mean import FLOOR, Over, active_members

Tensor: TypeAlias = keras.KerasTensor


def as_layers(rule: Rule, member_logits: Sequence[Tensor], name: str = "logits") -> Tensor:
    """Continue a Keras graph from the members' logits to the rule's.

    All weights are fixed. Members of weight 0 are not connected, so a model of the result does not run them.

    Args:
        rule: The fitted rule.
        member_logits: The members' logits in the order of `fit`, tensors (None, classes).
        name: The name of the last layer.

    Returns:
        A tensor (None, classes) float32.

    Raises:
        NotFittedError: The rule has not been fitted.
        ValueError: The number of members or classes is not that of `fit`.
        TypeError: The rule cannot be written as layers.

    Examples:
        >>> from ensembles import Soft
        >>> rule = Soft().fit(np.zeros((2, 4, 3)), np.array([0, 1, 2, 0]))
        >>> as_layers(rule, [keras.Input((3,)), keras.Input((3,))]).shape
        (None, 3)
    """
    member_logits = list(member_logits)
    _check_tensors(rule, member_logits)
    if not hasattr(rule, "write_layers"):
        rules = [kind for kind in saved_classes().values() if hasattr(kind, "combine")]
        known = ", ".join(kind.__name__ for kind in rules if hasattr(kind, "write_layers"))
        raise TypeError(f"Expected a rule with layers: {known}; received {type(rule).__name__}. Export another rule.")
    written: Tensor = rule.write_layers(member_logits, name)
    return written


def as_model(rule: Rule) -> keras.Model:
    """Make a fitted rule a Keras model of its own.

    Its inputs are called member_0, member_1, ... and its output "logits", each (None, classes) float32.

    Raises:
        NotFittedError: The rule has not been fitted.
        TypeError: The rule cannot be written as layers.

    Examples:
        >>> from ensembles import Soft
        >>> rule = Soft().fit(np.zeros((2, 4, 3)), np.array([0, 1, 2, 0]))
        >>> as_model(rule).output_names
        ['logits']
    """
    members, classes = check_fitted(rule)
    inputs = [keras.Input((classes,), dtype="float32", name=f"member_{index}") for index in range(members)]
    return keras.Model(inputs, as_layers(rule, inputs), name=rule.name)


def weighted_mean(weights: Array, over: Over, member_logits: list[Tensor], name: str) -> Tensor:
    """Average members over logits or probabilities as `weighted_mean.vote` does; members of weight 0 are left out."""
    active = active_members(weights)
    outputs = [to_space(member_logits[index], over, f"{name}_softmax_{index}") for index in active]
    add = _add_by_class if weights.ndim == 2 else _add_by_member
    if over == "logits":
        return add(weights[active], outputs, name, over)
    mean = add(weights[active], outputs, f"{name}_mean", over)
    return named(ops.log(ops.maximum(mean, FLOOR)), name)


def to_space(logits: Tensor, over: Over, name: str) -> Tensor:
    """Turn logits (None, classes) into what is averaged: the logits themselves or their softmax."""
    return keras.layers.Softmax(dtype="float32", name=name)(logits) if over == "probabilities" else logits


def concatenated(outputs: list[Tensor], name: str) -> Tensor:
    """Concatenate members' outputs to (None, members * classes)."""
    if len(outputs) == 1:
        return outputs[0]
    return keras.layers.Concatenate(dtype="float32", name=f"{name}_members")(outputs)


def affine(inputs: Tensor, kernel: Array, bias: Array, name: str, activation: str = "linear") -> Tensor:
    """Compute activation(inputs @ kernel + bias) with fixed weights."""
    dense = keras.layers.Dense(len(bias), activation=activation, trainable=False, dtype="float32", name=name)
    mapped = dense(inputs)
    dense.set_weights([kernel, bias])
    return mapped


def scaled(inputs: Tensor, factor: float, name: str) -> Tensor:
    """Multiply by a fixed factor."""
    return keras.layers.Rescaling(factor, dtype="float32", name=name)(inputs)


def named(outputs: Tensor, name: str) -> Tensor:
    """End a graph with a layer of this name, which changes no number."""
    return keras.layers.Activation("linear", dtype="float32", name=name)(outputs)


def _check_tensors(rule: Rule, member_logits: list[Tensor]) -> None:
    members, classes = check_fitted(rule)
    shapes = [tuple(tensor.shape) for tensor in member_logits]
    if len(shapes) != members or any(len(shape) != 2 or shape[-1] != classes for shape in shapes):
        raise ValueError(
            f"Expected {members} tensors (None, {classes}), as in fit; received shapes {shapes}. "
            "Pass the logits of the same members in the same order."
        )


def _add_by_member(weights: Array, outputs: list[Tensor], name: str, over: Over) -> Tensor:
    weighted = [
        scaled(output, float(weight), f"{name}_weight_{index}")
        for index, (weight, output) in enumerate(zip(weights, outputs, strict=True))
    ]
    return keras.layers.Add(dtype="float32", name=name)(weighted) if len(weighted) > 1 else named(weighted[0], name)


def _add_by_class(weights: Array, outputs: list[Tensor], name: str, over: Over) -> Tensor:
    """Multiply by one matrix: each member's block has its weights on the diagonal, and centres logits first."""
    classes = weights.shape[1]
    centring = np.eye(classes) - (1 / classes if over == "logits" else 0)
    kernel = np.vstack([centring * own for own in weights])
    return affine(concatenated(outputs, name), kernel, np.zeros(classes), name)
