"""Data-parallel training: the batch of a step is divided among devices, whose gradients are averaged.

JAX computes the step of the whole batch, batch norms included, with its rows on several devices. TensorFlow's
``MirroredStrategy`` averages the devices' gradients, which is the same for shares of one size; batch norms that update
their statistics synchronise them.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import keras

from zoo.training.recipe import Recipe

logger = logging.getLogger(__name__)


@contextmanager
def device_scope(recipe: Recipe, *, taught: bool = False) -> Iterator[int]:
    """Build and train what the block does on the devices of a recipe; yields their number.

    Args:
        recipe: its ``devices`` and ``batch_size``.
        taught: a teacher makes soft targets, whose networks cannot predict in such a block.

    Raises:
        ValueError: a batch that does not divide by the devices, another backend, or a teacher.
    """
    devices = [] if recipe.devices == "one" else _devices()
    if len(devices) < 2:
        yield 1
        return
    _check(recipe, len(devices), taught=taught)
    logger.info("each step's %d images are divided among %d devices", recipe.batch_size, len(devices))
    with _scope(devices):
        yield len(devices)


def synchronise_batch_norms(network: keras.Model) -> None:
    """Let batch norms that train take their statistics from all devices' rows; JAX does so by itself."""
    if keras.backend.backend() == "tensorflow":
        for layer in network._flatten_layers():
            if isinstance(layer, keras.layers.BatchNormalization):
                layer.synchronized = True


def accuracy(devices: int) -> dict[str, Any]:
    """The metric as options of Keras' ``compile``: on several devices rows that fill up a batch have no weight."""
    return {"metrics": ["accuracy"]} if devices == 1 else {"weighted_metrics": ["accuracy"]}


def _check(recipe: Recipe, count: int, *, taught: bool) -> None:
    if taught:
        raise ValueError("Expected devices='one' with a teacher; received 'all'. Leave devices out to distill.")
    if recipe.batch_size % count:
        near = max(1, round(recipe.batch_size / count)) * count
        raise ValueError(
            f"Expected a batch_size that divides by the {count} devices; received {recipe.batch_size}. "
            f"Set batch_size={near}, or devices='one'."
        )


def _devices() -> list[str]:
    """The devices of the best kind that there is, as the backend names them."""
    backend = keras.backend.backend()
    if backend == "jax":
        return [str(name) for name in keras.distribution.list_devices()]
    if backend == "tensorflow":
        import tensorflow as tf

        found = tf.config.list_logical_devices("GPU") or tf.config.list_logical_devices("CPU")
        return [device.name for device in found]
    raise ValueError(
        f"Expected Keras on JAX or TensorFlow for devices='all'; it runs on {backend}. Set KERAS_BACKEND, or "
        "devices='one'."
    )


def _scope(devices: list[str]) -> AbstractContextManager[object]:
    if keras.backend.backend() == "jax":
        return keras.distribution.DataParallel(devices=devices).scope()
    import tensorflow as tf

    return tf.distribute.MirroredStrategy(devices).scope()
