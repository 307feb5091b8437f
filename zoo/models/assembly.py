"""From a plan to a network: pixels, backbone and head in one Keras model; and the network cut behind its backbone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from zoo.models import preprocessing as pixels
from zoo.models import pretrained as weights
from zoo.models.cloning import step
from zoo.models.depthwise import depthwise
from zoo.models.feature_layers import with_layers
from zoo.models.fingerprint import is_built_in
from zoo.models.keras_file import check_readable
from zoo.models.plan import Plan
from zoo.models.preprocessing import check_image_layout
from zoo.models.randomness import seeded
from zoo.models.registry import Spec, spec
from zoo.utils.forks import check_not_forked
from zoo.utils.text import Size

if TYPE_CHECKING:
    import keras


BACKBONE = "backbone"
HEAD = "head"
FLAT_OR_MAP = (2, 4)  # axes of features


def assemble(plan: Plan, precision: str = "float32") -> keras.Model:
    """Build the network of a plan: uint8 images (N, H, W, 3) of 0 to 255 in, float32 logits (N, classes) out.

    The layers named ``backbone`` and ``head`` are models of their own, so that either can be used alone.

    Args:
        plan: a complete one.
        precision: Keras' dtype policy to compute under; weights and logits are float32 under each.

    Raises:
        ValueError: images that are too small for the backbone, or a weights file that does not fit.
        zoo.models.pretrained.WeightsNotFoundError: pretrained weights that cannot be had.
    """
    import keras

    check_not_forked()
    check_image_layout()
    if plan.classes is None or plan.image_size is None:
        raise ValueError(
            f"Expected a plan with classes and image size; that of {plan.name!r} has none. Complete it: plan.completed."
        )
    record = spec(plan.backbone)
    _check_size(plan, record)
    source = weights.locate(record, plan.weights, plan.weights_dir)
    with seeded(plan.seed):
        with _policy(precision):
            backbone = _backbone(record, plan, source)
            head = plan.head.build(backbone.output_shape[1:], plan.classes)
        images = keras.Input((*cast("Size", plan.image_size), 3), dtype="uint8", name="images")
        logits = head(backbone(_prepare(images, plan, record)))
        return keras.Model(images, logits, name=plan.name)


def _prepare(images: keras.KerasTensor, plan: Plan, record: Spec) -> keras.KerasTensor:
    x = pixels.cast(images)
    if plan.high_pass:
        x = pixels.high_pass(x)
    if plan.seen_size != plan.image_size:
        x = pixels.resize(x, plan.seen_size)
    return pixels.normalise(x, record.pixels)


def _backbone(record: Spec, plan: Plan, source: Path | str | None) -> keras.Model:
    shape = (*plan.seen_size, 3)
    if source is not None and weights.is_preset(record, source):
        original = weights.of_preset(record, source, shape, plan.weights_dir)
    else:
        original = record.builder(shape)
        _check_made(original, record)
        weights.load(original, record, source, plan.weights_dir)
    backbone = with_layers(depthwise(original), plan.head.layers, plan.head.pooling)
    backbone.name = BACKBONE
    return backbone


def _check_made(made: Any, record: Spec) -> None:
    """Check what a builder of the user's returned, before it is trained for hours.

    Raises:
        ValueError: no built functional model of one output, or one with code that could not be loaded again.
    """
    import keras

    if is_built_in(record.builder):
        return
    outputs = keras.tree.flatten(getattr(made, "outputs", None) or [])
    if not isinstance(made, keras.Model) or len(outputs) != 1 or len(outputs[0].shape) not in FLAT_OR_MAP:
        shapes = ", ".join(str(tuple(output.shape)) for output in outputs) or "nothing that is built"
        raise ValueError(
            f"Expected the builder of {record.name!r} to return a functional model with features (N, C) or a map "
            f"(N, H, W, C) as its one output; received a {type(made).__name__} of {shapes}. Return "
            "keras.Model(images, features)."
        )
    check_readable(made)


def _check_size(plan: Plan, record: Spec) -> None:
    size = plan.seen_size
    if min(size) < record.min_size:
        raise ValueError(
            f"Expected images of at least {record.min_size}x{record.min_size} pixels for {record.name!r}; "
            f"received {size[0]}x{size[1]}. Pass resize={max(record.min_size, 96)} to enlarge them inside the graph."
        )


@contextmanager
def _policy(precision: str) -> Iterator[None]:
    """Build under a dtype policy: ``keras.applications`` takes it from nowhere else."""
    import keras

    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(precision)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def trunk(network: keras.Model) -> keras.Model:
    """All of a network up to its pooled features ``(N, features)``; nothing in it is random when it predicts."""
    import keras

    last = step(network.outputs[0])
    while last.operation.name != HEAD:  # another order of the classes may follow it
        last = step(last.input_tensors[0])
    features = last.input_tensors[0]
    for layer in _pooling(network):
        features = layer(features)
    return keras.Model(network.input, features, name="trunk")


def tail(network: keras.Model) -> keras.Model:
    """What comes after :func:`trunk`, sharing its weights: pooled features in, logits out."""
    import keras

    layers = network.get_layer(HEAD).layers[1 + len(_pooling(network)) :]
    features = keras.Input(layers[0].input.shape[1:], name="features")
    x = features
    for layer in layers:
        x = layer(x)
    return keras.Model(features, x, name=network.name)


def _pooling(network: keras.Model) -> list[keras.layers.Layer]:
    """The head's first layer, where it pools; a backbone of flat features needs none."""
    import keras

    first = network.get_layer(HEAD).layers[1]
    pools = (keras.layers.GlobalAveragePooling2D, keras.layers.GlobalMaxPooling2D)
    return [first] if isinstance(first, pools) else []
