"""What a network from elsewhere predicts: logits, probabilities or sigmoids, told by what it answers for images."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from zoo.models.cloning import step

if TYPE_CHECKING:
    import keras

Outputs = Literal["logits", "probabilities", "sigmoids"]

ACTIVATIONS: dict[Outputs, str] = {"probabilities": "softmax", "sigmoids": "sigmoid"}  # of logits, which make them

SMALLEST = 1e-7  # of a probability, before its logarithm
CLOSE = 1e-3  # to 1, of the sum of float32 probabilities
PICTURES = 8  # that are drawn to ask with
PASSING = ("Identity", "Dropout", "Reshape", "Flatten", "Cast")  # layers behind which an activation is still the last


def drawn_pictures(size: tuple[int, int]) -> np.ndarray:
    """Draw noise and plain colours to ask a network with: ``(n, H, W, 3)`` uint8 for a ``(height, width)``."""
    random = np.random.default_rng(0)
    noise = random.integers(0, 256, (PICTURES // 2, *size, 3))
    plain = np.broadcast_to(random.integers(0, 256, (PICTURES // 2, 1, 1, 3)), noise.shape)
    return np.concatenate([noise, plain]).astype(np.uint8)


def outputs_of(model: keras.Model, answers: np.ndarray) -> Outputs:
    """Tell what a model predicts.

    Probabilities are recognised by their values alone, whatever layer made them: no logits of several images are all 0
    or more and sum to 1. Values of sigmoids could be logits, so the last activation has to be one too.

    Args:
        model: the model.
        answers: ``(n, classes)`` of some images.
    """
    if are_probabilities(answers):
        return "probabilities"
    return "sigmoids" if _within_one(answers) and last_activation(model) == "sigmoid" else "logits"


def are_probabilities(answers: np.ndarray) -> bool:
    """Say whether rows ``(n, classes)`` are 0 or more and sum to 1, as far as their dtype can tell."""
    half = str(answers.dtype) in ("float16", "bfloat16")
    rows = answers.astype(np.float64)
    close = 10 * CLOSE if half else CLOSE
    return bool(len(rows) and np.isfinite(rows).all() and rows.min() >= 0 and (abs(rows.sum(axis=1) - 1) < close).all())


def as_logits(outputs: Any, kind: Outputs) -> Any:
    """Continue a Keras graph from outputs ``(N, classes)`` to logits; of sigmoids to the log-odds of each class."""
    from keras import ops

    if kind == "logits":
        return outputs
    logs = ops.log(ops.maximum(outputs, SMALLEST))
    return logs if kind == "probabilities" else logs - ops.log(ops.maximum(1.0 - outputs, SMALLEST))


def without_activation(model: keras.Model, kind: Outputs) -> keras.Model | None:
    """The same model with the same weights, ending before the softmax or sigmoid that makes its outputs.

    Logarithms of probabilities in float32 lose what lies near 0 and 1: the last activation's input has all of it.
    None if it does not end in one such layer, as a mean of two softmaxes does not.
    """
    import keras

    call = step(model.outputs[0])
    last, arguments = call.operation, call.arguments
    if isinstance(last, keras.Model):
        inner = without_activation(last, kind)
        return inner and keras.Model(model.inputs, inner(*arguments.args, **arguments.kwargs))
    if _activation_of(last) != ACTIVATIONS.get(kind) or len(call.input_tensors) != 1:
        return None
    if _is_plain_dense(last):
        return keras.Model(model.inputs, _linear(last, call.input_tensors[0]))
    only_activates = not getattr(last, "weights", None) and getattr(last, "axis", -1) in (-1, 1)
    return keras.Model(model.inputs, call.input_tensors[0]) if only_activates else None


def _is_plain_dense(layer: Any) -> bool:
    import keras

    plain = type(layer) is keras.layers.Dense and not layer.lora_enabled
    return plain and layer.quantization_mode is None


def _linear(dense: keras.layers.Dense, features: keras.KerasTensor) -> keras.KerasTensor:
    """What a dense layer computes before its activation."""
    import keras

    linear = keras.layers.Dense.from_config(dense.get_config() | {"activation": None})
    outputs = linear(features)
    linear.set_weights(dense.get_weights())
    return outputs


def last_activation(model: keras.Model) -> str:
    """Name what makes the output, which may be a layer, an operation or a model inside the model."""
    import keras

    last = model.outputs[0]._keras_history.operation
    while _passes(last):
        last = last._inbound_nodes[0].input_tensors[0]._keras_history.operation
    if isinstance(last, keras.Model):
        return last_activation(last)
    return _activation_of(last)


def _activation_of(operation: Any) -> str:
    activation = getattr(operation, "activation", None)
    return getattr(activation, "__name__", "") or type(operation).__name__.lower()


def _passes(operation: Any) -> bool:
    linear = type(operation).__name__ == "Activation" and operation.activation.__name__ == "linear"
    return linear or type(operation).__name__ in PASSING


def _within_one(answers: np.ndarray) -> bool:
    return bool(len(answers) and np.isfinite(answers).all() and answers.min() >= 0 and answers.max() <= 1)
