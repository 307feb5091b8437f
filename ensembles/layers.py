"""A fitted rule as stock Keras layers, so that it can be exported with the members. The only Keras file.

Everything is float32, also where members run in mixed precision: their last layers round, the vote does not.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import keras
import numpy as np
from keras import ops

from ensembles.auto import Auto
from ensembles.best import Best
from ensembles.calibrated import Calibrated
from ensembles.calibration import Calibrator, Temperature
from ensembles.greedy import Greedy
from ensembles.hard import Hard
from ensembles.rule import Array, Rule, check_fitted
from ensembles.soft import Soft
from ensembles.space import FLOOR, Over
from ensembles.stacked import Stacked
from ensembles.vote import connected
from ensembles.weighted import Weighted

Tensor: TypeAlias = keras.KerasTensor
KERAS_ACTIVATIONS = {"identity": "linear", "logistic": "sigmoid", "tanh": "tanh", "relu": "relu"}  # of scikit-learn's


def as_layers(rule: Rule, member_logits: Sequence[Tensor], name: str = "logits") -> Tensor:
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
    return _writer(rule)(rule, member_logits, name)


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


def _check_tensors(rule: Rule, member_logits: list[Tensor]) -> None:
    members, classes = check_fitted(rule)
    shapes = [tuple(tensor.shape) for tensor in member_logits]
    if len(shapes) != members or any(len(shape) != 2 or shape[-1] != classes for shape in shapes):
        raise ValueError(f"expected {members} tensors (None, {classes}) as in fit, received shapes {shapes}")


def _vote(rule: Any, members: list[Tensor], name: str) -> Tensor:
    """Add up what weighs anything; of probabilities, take the logarithm."""
    over: Over = getattr(rule, "over", "logits")
    weights: Array = rule.weights_
    speaking = connected(weights)
    spoken = [_spoken(members[index], over, f"{name}_spoken_{index}") for index in speaking]
    add = _by_class if weights.ndim == 2 else _by_member
    if over == "logits":
        return add(weights[speaking], spoken, name, over)
    return _named(ops.log(ops.maximum(add(weights[speaking], spoken, f"{name}_mean", over), FLOOR)), name)


def _by_member(weights: Array, spoken: list[Tensor], name: str, over: Over) -> Tensor:
    weighed = [
        keras.layers.Rescaling(float(weight), dtype="float32", name=f"{name}_weight_{index}")(answer)
        for index, (weight, answer) in enumerate(zip(weights, spoken, strict=True))
    ]
    return keras.layers.Add(dtype="float32", name=name)(weighed) if len(weighed) > 1 else _named(weighed[0], name)


def _by_class(weights: Array, spoken: list[Tensor], name: str, over: Over) -> Tensor:
    """One matrix: each member's block has its weights on the diagonal, and centres logits before."""
    classes = weights.shape[1]
    centring = np.eye(classes) - (1 / classes if over == "logits" else 0)
    kernel = np.vstack([centring * own for own in weights])
    return _affine(_beside(spoken, name), kernel, np.zeros(classes), name)


def _hard(rule: Hard, members: list[Tensor], name: str) -> Tensor:
    count, classes = check_fitted(rule)
    votes = sum(ops.one_hot(ops.argmax(member, axis=-1), classes, dtype="float32") for member in members)
    return _named(ops.log((votes + 1 / classes) / (count + 1)), name)


def _stacked(rule: Stacked, members: list[Tensor], name: str) -> Tensor:
    if rule.maps_ is None:
        raise TypeError(
            f"expected a stacked rule that is linear or an MLP, received {rule.estimator_!r}, which has no Keras "
            "layers; use it for analysis, or export another rule"
        )
    spoken = [_spoken(member, rule.over, f"{name}_spoken_{index}") for index, member in enumerate(members)]
    answer = _beside(spoken, name)
    *hidden, (kernel, bias) = rule.maps_.affine
    for place, own in enumerate(hidden):
        answer = _affine(answer, *own, f"{name}_hidden_{place}", KERAS_ACTIVATIONS[rule.maps_.activation])
    return _affine(answer, kernel, bias, name)


def _auto(rule: Auto, members: list[Tensor], name: str) -> Tensor:
    return as_layers(rule.rule_, members, name)


def _calibrated(rule: Calibrated, members: list[Tensor], name: str) -> Tensor:
    if rule.before_:
        members = [
            _calibrate(calibrator, member, f"{name}_member_{index}")
            for index, (calibrator, member) in enumerate(zip(rule.before_, members, strict=True))
        ]
    if not rule.after_:
        return as_layers(rule.rule_, members, name)
    return _calibrate(rule.after_[0], as_layers(rule.rule_, members, f"{name}_before_calibration"), name)


def _calibrate(calibrator: Calibrator, logits: Tensor, name: str) -> Tensor:
    if isinstance(calibrator, Temperature):
        return keras.layers.Rescaling(1 / calibrator.temperature_, dtype="float32", name=name)(logits)
    classes = len(calibrator.scale_)
    kernel = (np.eye(classes) - 1 / classes) * calibrator.scale_
    return _affine(logits, kernel, calibrator.offset_, name)


WRITERS: dict[type[Any], Callable[[Any, list[Tensor], str], Tensor]] = {
    Soft: _vote,
    Best: _vote,
    Weighted: _vote,
    Greedy: _vote,
    Hard: _hard,
    Stacked: _stacked,
    Auto: _auto,
    Calibrated: _calibrated,
}


def _writer(rule: Rule) -> Callable[[Any, list[Tensor], str], Tensor]:
    if type(rule) not in WRITERS:
        known = ", ".join(kind.__name__ for kind in WRITERS)
        raise TypeError(f"expected a rule among {known}, received {type(rule).__name__}")
    return WRITERS[type(rule)]


def _spoken(logits: Tensor, over: Over, name: str) -> Tensor:
    return keras.layers.Softmax(dtype="float32", name=name)(logits) if over == "probabilities" else logits


def _beside(answers: list[Tensor], name: str) -> Tensor:
    return (
        keras.layers.Concatenate(dtype="float32", name=f"{name}_members")(answers) if len(answers) > 1 else answers[0]
    )


def _affine(answer: Tensor, kernel: Array, bias: Array, name: str, activation: str = "linear") -> Tensor:
    dense = keras.layers.Dense(len(bias), activation=activation, trainable=False, dtype="float32", name=name)
    mapped = dense(answer)
    dense.set_weights([kernel, bias])
    return mapped


def _named(answer: Tensor, name: str) -> Tensor:
    return keras.layers.Activation("linear", dtype="float32", name=name)(answer)
