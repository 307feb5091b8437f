"""Making a member's network of a Keras model that was trained elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import keras

SMALLEST = 1e-7  # of a probability, before its logarithm


def as_member_model(model: keras.Model) -> keras.Model:
    """Wrap a trained model so that uint8 images come in and float32 logits come out.

    Raises:
        ValueError: an input that is not (N, H, W, 3) of a fixed size, or an output that is not (N, classes).
    """
    import keras

    from zoo.models import preprocessing as pixels

    _check_built(model)
    _check(model)
    images = keras.Input(model.input_shape[1:], dtype="uint8", name="images")
    takes_bytes = model.inputs[0].dtype == "uint8"
    outputs = model(images if takes_bytes else pixels.cast(images))
    if _ends_in_softmax(model):
        outputs = keras.ops.log(keras.ops.maximum(outputs, SMALLEST))
    logits = keras.layers.Rescaling(1.0, dtype="float32", name="logits")(outputs)
    return keras.Model(images, logits, name=model.name)


def _check_built(model: keras.Model) -> None:
    if not getattr(model, "inputs", None):
        raise ValueError(
            f"Expected a functional or a built sequential model; received {model.name!r}, whose input is undefined. "
            "Wrap it: keras.Model(images := keras.Input((height, width, 3)), model(images))."
        )


def _check(model: keras.Model) -> None:
    shape, outputs = model.input_shape, model.output_shape
    if not isinstance(shape, tuple) or len(shape) != 4 or shape[-1] != 3 or None in shape[1:]:
        raise ValueError(
            f"Expected a model of RGB images (N, H, W, 3) of a fixed size; received {model.name!r}, "
            f"which takes {shape}. "
            "Wrap it: keras.Model(images := keras.Input((height, width, 3)), model(images))."
        )
    if not isinstance(outputs, tuple) or len(outputs) != 2 or outputs[1] is None or outputs[1] < 2:
        raise ValueError(
            f"Expected a model that predicts (N, classes); received {model.name!r}, which predicts {outputs}. "
            "End it in one logit or probability per class."
        )


def _ends_in_softmax(model: keras.Model) -> bool:
    """Look at what makes the output, which may be a layer, an operation or a model inside the model."""
    import keras

    last = model.outputs[0]._keras_history.operation
    if isinstance(last, keras.Model):
        return _ends_in_softmax(last)
    return type(last).__name__ == "Softmax" or getattr(last, "activation", None) is keras.activations.softmax
