"""Everything that is taken from keras-cv: its mixing layers as functions of their draws, and its augmentation layers.

keras-cv 0.9 is the last version and is not developed further, so that one module meets it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from zoo.augment.graph_layers import LAYERS, VALUE_RANGE

if TYPE_CHECKING:
    import keras
    import tensorflow as tf

SPARE_SEED = 1  # of generators that are replaced: without one, layers would make TensorFlow's global generator


@cache
def traced_mixing(layer: str) -> tuple[Any, list[str]]:
    """Make a layer a function of images and draws; with it the kinds of these draws, in order.

    The kept share is counted by mixing the images' numbers along with them: keras-cv's own CutMix labels count the
    whole rectangle also where the border cuts it off, and are wrong by 0.18 on average.
    """
    import keras_cv
    import tensorflow as tf

    made = {"mixup": keras_cv.layers.MixUp, "cutmix": keras_cv.layers.CutMix}[layer]
    mixing = made(seed=0, dtype="float32")  # without a seed it would make TensorFlow's global generator

    def call(pictures: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        with tf.device("/CPU:0"):
            images = tf.cast(pictures, tf.float32)
            numbers = tf.range(tf.cast(tf.shape(images)[0], tf.float32))[:, None, None, None]
            marks = tf.zeros_like(images[..., :1]) + numbers
            mixed = mixing({"images": images, "segmentation_masks": marks})
            kept = tf.cast(mixed["segmentation_masks"] == numbers, tf.float32)
            return mixed["images"], tf.reduce_mean(kept, axis=(1, 2, 3))

    graph = tf.compat.v1.wrap_function(call, [tf.TensorSpec((None, None, None, 3), tf.uint8)])
    drawing = [operation for operation in graph.graph.get_operations() if operation.type.startswith("Random")]
    feeds = [*graph.inputs, *(operation.outputs[0] for operation in drawing)]
    signature = tuple(tf.TensorSpec(feed.shape, feed.dtype) for feed in feeds)
    pruned = graph.prune(feeds, graph.outputs, input_signature=(signature, {}))
    return pruned, [operation.type for operation in drawing]


def augmentation_layer(spec: Mapping[str, Any], size: tuple[int, int]) -> keras.layers.Layer:
    """Make a layer of ``{"layer": name, **arguments}`` for images of ``(height, width)`` pixels.

    Raises:
        ValueError: values that the layer does not take.
    """
    import keras_cv

    name = spec["layer"]
    arguments = {key: value for key, value in spec.items() if key != "layer"}
    if "value_range" in LAYERS[name].optional:
        arguments["value_range"] = VALUE_RANGE
    if name == "RandomCropAndResize":
        arguments["target_size"] = size
    try:
        return getattr(keras_cv.layers, name)(**arguments, seed=SPARE_SEED, dtype="float32")
    except (TypeError, ValueError) as error:
        raise ValueError(f"Expected values that keras-cv's {name} takes; received {dict(spec)}: {error}") from error


def draw_from(generator: tf.random.Generator, layer: keras.layers.Layer) -> None:
    """Have a layer, and those inside it, draw from one generator, the only state that has to be set."""
    import keras
    import keras_cv

    layer._random_generator = generator
    for name, value in list(vars(layer).items()):
        if isinstance(value, keras.layers.Layer):
            draw_from(generator, value)
        elif isinstance(value, keras_cv.core.UniformFactorSampler):
            setattr(layer, name, partial(_uniform, generator, value.lower, value.upper))


def _uniform(
    generator: tf.random.Generator, lower: float, upper: float, shape: Any = (), dtype: Any = "float32"
) -> tf.Tensor:
    """Stand in for a factor sampler."""
    return generator.uniform(shape, lower, upper, dtype=dtype)
