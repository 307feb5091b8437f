"""A fitted rule as stock Keras layers, so that it can be exported with the members. The only Keras file.

Everything is float32, also where members run in mixed precision: their last layers round, the vote does not.
"""

from collections.abc import Sequence

import keras

from ensembles.rule import Rule, check_fitted
from ensembles.soft import Soft
from ensembles.stacked import Stacked
from ensembles.weighted import Weighted


def as_layers(rule: Rule, member_logits: Sequence[keras.KerasTensor], name: str = "logits") -> keras.KerasTensor:
    """Continue a Keras graph from the members' logits to the rule's.

    `member_logits` are tensors (None, classes) in the order of `fit`; returns a tensor (None, classes)
    float32. The last layer is called `name`, all weights are fixed, and a member of weight 0 is not
    connected, so that a model of the result does not run it.

    Raises:
        NotFittedError: before `fit`.
        ValueError: other members or classes than in `fit`.
        TypeError: a rule that this file cannot write.
    """
    member_logits = list(member_logits)
    _check_tensors(rule, member_logits)
    if isinstance(rule, Soft):
        return keras.layers.Average(dtype="float32", name=name)(member_logits)
    if isinstance(rule, Weighted):
        return _weighted(rule, member_logits, name)
    if isinstance(rule, Stacked):
        return _stacked(rule, member_logits, name)
    raise TypeError(f"expected a Soft, Weighted or Stacked rule, received {type(rule).__name__}")


def as_model(rule: Rule) -> keras.Model:
    """Make the rule a model of its own.

    Inputs member_0, member_1, ... and output "logits", each (None, classes) float32.

    Raises:
        NotFittedError: before `fit`.
        TypeError: a rule that this file cannot write.
    """
    members, classes = check_fitted(rule)
    inputs = [keras.Input((classes,), dtype="float32", name=f"member_{index}") for index in range(members)]
    return keras.Model(inputs, as_layers(rule, inputs), name=rule.name)


def _check_tensors(rule: Rule, member_logits: list[keras.KerasTensor]) -> None:
    members, classes = check_fitted(rule)
    shapes = [tuple(tensor.shape) for tensor in member_logits]
    if len(shapes) != members or any(len(shape) != 2 or shape[-1] != classes for shape in shapes):
        raise ValueError(f"expected {members} tensors (None, {classes}) as in fit, received shapes {shapes}")


def _weighted(rule: Weighted, member_logits: list[keras.KerasTensor], name: str) -> keras.KerasTensor:
    weighed = [
        keras.layers.Rescaling(float(weight), dtype="float32", name=f"{name}_weight_{index}")(logits)
        for index, (weight, logits) in enumerate(zip(rule.weights_, member_logits, strict=True))
        if weight > 0
    ]
    return keras.layers.Add(dtype="float32", name=name)(weighed)


def _stacked(rule: Stacked, member_logits: list[keras.KerasTensor], name: str) -> keras.KerasTensor:
    features = keras.layers.Concatenate(dtype="float32", name=f"{name}_members")(member_logits)
    dense = keras.layers.Dense(rule.shape_[1], trainable=False, dtype="float32", name=name)
    logits = dense(features)
    dense.set_weights([rule.coef_, rule.intercept_])
    return logits
