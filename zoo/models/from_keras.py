"""Making a member's network of a Keras model that was trained elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from zoo.models import preprocessing
from zoo.models.cloning import PART, in_float32, renamed, step
from zoo.models.outputs import as_logits, drawn_pictures, outputs_of, without_activation
from zoo.models.preprocessing import check_image_layout
from zoo.utils.text import suggestion

if TYPE_CHECKING:
    import keras

Pixels = Literal["as_is", "unit", "tf", "torch", "bgr", "caffe"]
PIXELS: tuple[Pixels, ...] = get_args(Pixels)
"""What a model takes: RGB of 0 to 255 as it is, 0 to 1, the conventions of ``keras.applications``, or BGR."""

LOGITS = "logits"  # the last layer's name
ALIKE = 1e-3  # of pixels that are in one convention


def as_member_model(model: keras.Model, *, pixels: Pixels = "as_is", name: str = "") -> keras.Model:
    """Wrap a trained model so that uint8 images come in and float32 logits come out.

    A model of mixed precision computes in float32 from then on, as every member does. What it predicts, logits,
    probabilities or sigmoids, its answers for drawn pictures tell. A softmax or sigmoid at its end is left out; of
    probabilities that are made otherwise the logarithms are part of the graph.

    Args:
        model: the trained model.
        pixels: what it takes, of :data:`PIXELS`; other than ``as_is`` the pixels are brought into it in the graph.
        name: what messages call it; by default the model's own.

    Raises:
        TypeError: no Keras model, such as a path.
        ValueError: an input that is not (N, H, W, 3) of a fixed size, an output that is not (N, classes), or unknown
            pixels.
    """
    import keras

    if not isinstance(model, keras.Model):
        raise TypeError(
            f"Expected a keras.Model; received a {type(model).__name__}. Load a file first: "
            "keras.models.load_model('mine.keras'); an Ensemble takes its path too."
        )
    check_image_layout()
    _check_built(model, name or model.name)
    _check(model, name or model.name)
    check_pixels(pixels)
    model = in_float32(model)
    images = keras.Input(model.input_shape[1:], dtype="uint8", name="images")
    prepared = _prepared(images, model, pixels)
    outputs = _only(model(prepared), name or model.name)
    answers = keras.Model(images, outputs)(drawn_pictures(model.input_shape[1:3]), training=False)
    kind = outputs_of(model, keras.ops.convert_to_numpy(answers))
    open_ended = without_activation(model, kind)
    logits = as_logits(outputs, kind) if open_ended is None else open_ended(prepared)
    return _ended(images, logits, model.name)


def _only(outputs: Any, name: str) -> keras.KerasTensor:
    """The output of a model that has one, also where it is in a list or a dict."""
    import keras

    found = keras.tree.flatten(outputs)
    if len(found) != 1:
        raise ValueError(
            f"Expected a model of one output; received {name!r}, which has {len(found)}. Pass "
            "keras.Model(model.inputs, the output that classifies)."
        )
    return found[0]


def reordered(network: keras.Model, columns: Sequence[int]) -> keras.Model:
    """The same member's network with its logits in another order: the first is what was column ``columns[0]``."""
    import keras

    order, images, last = [int(column) for column in columns], network.inputs[0], step(network.outputs[0])
    ended = isinstance(last.operation, keras.layers.Rescaling) and last.operation.name == LOGITS
    if last.operation.name == LOGITS and not ended:  # such as a mean of networks, which stays whole
        images = keras.Input(network.input_shape[1:], dtype="uint8", name="images")
        return _ended(images, keras.ops.take(renamed(network, f"{PART}0")(images), order, axis=-1), network.name)
    logits = last.input_tensors[0] if ended else network.outputs[0]  # which is ended again
    if (earlier := order_of(network)) is not None:  # names of operations must not come twice
        logits, order = step(logits).input_tensors[0], [earlier[column] for column in order]
    return _ended(images, keras.ops.take(logits, order, axis=-1), network.name)


def order_of(network: keras.Model) -> list[int] | None:
    """The columns that :func:`reordered` took; None of a network that it did not make."""
    last = step(network.outputs[0])
    before = step(last.input_tensors[0]) if last.operation.name == LOGITS and len(last.input_tensors) == 1 else last
    taken = type(before.operation).__name__ == "Take"
    return [int(column) for column in before.arguments.args[1]] if taken else None


@dataclass(frozen=True, eq=False)
class Adopted:
    """What a member's network was made of.

    Attributes:
        model: the trained model, of pixels that are prepared, with its answers brought to logits.
        pixels: the convention that the member brings them into.
    """

    model: keras.Model
    pixels: Pixels


def adopted(network: keras.Model) -> Adopted | None:
    """Take apart what :func:`as_member_model` made; None of another network, and of one that takes bytes itself."""
    import keras

    prepared = _into_model(network.outputs[0])
    if prepared is None or all(layer.name != preprocessing.CAST for layer in network.layers):
        return None
    pictures = drawn_pictures(network.input_shape[1:3])
    received = keras.Model(network.inputs[0], prepared)(pictures)
    floats = keras.ops.convert_to_tensor(pictures, "float32")
    close = (name for name in PIXELS if np.allclose(received, in_convention(floats, name), atol=ALIKE))
    pixels = next(close, None)
    return pixels and Adopted(keras.Model(prepared, network.outputs[0]), pixels)


def _into_model(tensor: keras.KerasTensor) -> keras.KerasTensor | None:
    """What goes into the model, as one layer, that an output comes from."""
    import keras

    while (call := step(tensor)).input_tensors:
        tensor = call.input_tensors[0]
        if isinstance(call.operation, keras.Model):
            return tensor
    return None


def in_convention(images: Any, pixels: Pixels) -> Any:
    """Bring float32 RGB images of 0 to 255, in a graph or not, into what a model takes."""
    from keras import layers, ops

    if pixels == "as_is":
        return images
    if pixels == "unit":
        return layers.Rescaling(1 / 255, dtype="float32", name="normalise")(images)
    return ops.flip(images, axis=-1) if pixels == "bgr" else preprocessing.normalise(images, pixels)


def _prepared(images: keras.KerasTensor, model: keras.Model, pixels: Pixels) -> keras.KerasTensor:
    takes_bytes = model.inputs[0].dtype == "uint8"
    return images if takes_bytes and pixels == "as_is" else in_convention(preprocessing.cast(images), pixels)


def _ended(images: keras.KerasTensor, logits: keras.KerasTensor, name: str) -> keras.Model:
    import keras

    return keras.Model(images, keras.layers.Rescaling(1.0, dtype="float32", name=LOGITS)(logits), name=name)


def check_pixels(pixels: str) -> None:
    """Check a convention of pixels; raises a ValueError that lists them."""
    if pixels not in PIXELS:
        raise ValueError(
            f"Expected pixels as one of {', '.join(PIXELS)}; received {pixels!r}. {suggestion(pixels, PIXELS)}"
        )


def _check_built(model: keras.Model, name: str) -> None:
    if not getattr(model, "inputs", None):
        raise ValueError(
            f"Expected a functional or a built sequential model; received {name!r}, whose input is undefined. "
            "Wrap it: keras.Model(images := keras.Input((height, width, 3)), model(images))."
        )


def _check(model: keras.Model, name: str) -> None:
    shape, outputs = model.input_shape, model.output_shape
    if not isinstance(shape, tuple) or len(shape) != 4 or shape[-1] != 3 or None in shape[1:]:
        raise ValueError(
            f"Expected a model of RGB images (N, H, W, 3) of a fixed size; received {name!r}, "
            f"which takes {shape}. "
            "Wrap it: keras.Model(images := keras.Input((height, width, 3)), model(images))."
        )
    if not isinstance(outputs, tuple) or len(outputs) != 2 or outputs[1] is None or outputs[1] < 2:
        raise ValueError(
            f"Expected a model that predicts (N, classes); received {name!r}, which predicts {outputs}. "
            "End it in one logit or probability per class."
        )
