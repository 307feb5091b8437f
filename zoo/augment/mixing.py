"""Blending the images of a batch, and their labels with them: MixUp (arXiv:1710.09412) and CutMix (arXiv:1905.04899).

keras-cv's layers do it. They would draw from TensorFlow's global random state, which all threads share, and whose seed
cannot be set without every compiled training step being thrown away (one of DenseNet121's then took 27 s, not 0.2). So
each layer is traced once with its draws as inputs, and NumPy supplies them: a batch depends on its seed alone, in any
thread, and TensorFlow's random state is neither read nor set.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

if TYPE_CHECKING:
    import tensorflow as tf

Mix = Literal["none", "mixup", "cutmix", "both"]
MIXES: tuple[str, ...] = get_args(Mix)
ALPHAS = {"mixup": 0.2, "cutmix": 1.0}  # keras-cv's

_tracing = Lock()


def mix(
    pictures: np.ndarray, targets: np.ndarray, how: str, *, seed: Sequence[int], alpha: float | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Blend every image of a batch with one drawn from it, rarely itself.

    ``mixup`` adds two images, each weighted by its share. ``cutmix`` pastes a rectangle of one image into another.
    Shares are drawn from Beta(alpha, alpha), one an image. ``both`` is one of the two, drawn for the batch. A batch of
    one image comes back as it is.

    Args:
        pictures: ``(n, H, W, 3)`` uint8.
        targets: ``(n, classes)`` float32, rows that sum to 1.
        how: one of ``MIXES``.
        seed: of everything that is drawn.
        alpha: near 0 most images stay nearly as they are, at 1 all shares are equally likely; None takes ``ALPHAS``.

    Returns:
        ``(n, H, W, 3)`` uint8 and ``(n, classes)`` float32, rows that sum to 1.

    Raises:
        ValueError: a way that is not known, an ``alpha`` of 0 or less, or another Keras backend than TensorFlow.
    """
    _check(how, alpha)
    if how == "none" or len(pictures) < 2:
        return pictures, targets
    random = np.random.default_rng(seed)
    layer = str(random.choice(list(ALPHAS))) if how == "both" else how
    order = random.permutation(len(pictures))
    alpha = alpha or ALPHAS[layer]
    shares = random.beta(alpha, alpha, len(pictures)).astype(np.float32)
    centres = [random.integers(side, size=len(pictures)) for side in pictures.shape[1:3]]
    mixed, kept = _run(layer, pictures, order, shares, centres)
    own = (shares if layer == "mixup" else kept)[:, None]
    return np.rint(mixed).astype(np.uint8), own * targets + (1 - own) * targets[order]


def _check(how: str, alpha: float | None) -> None:
    if how not in MIXES:
        raise ValueError(f"Expected mixing as one of {', '.join(MIXES)}; received {how!r}.")
    if alpha is not None and not alpha > 0:
        raise ValueError(f"Expected alpha above 0; received {alpha}.")
    if how != "none":
        _check_backend(how)


def _check_backend(how: str) -> None:
    import keras

    if keras.backend.backend() != "tensorflow":
        raise ValueError(
            f"Expected the TensorFlow backend, on which keras-cv's {how!r} runs; received {keras.backend.backend()!r}. "
            "Set KERAS_BACKEND=tensorflow, or choose mixing 'none'."
        )


def _run(
    layer: str, pictures: np.ndarray, order: np.ndarray, shares: np.ndarray, centres: list[np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Run a layer: mixed images ``(n, H, W, 3)`` float32, and ``(n,)`` which share of its pixels each one kept."""
    import tensorflow as tf

    with _tracing:
        function, kinds = _traced(layer)
    draws = {
        "RandomShuffle": iter([order.astype(np.int32)]),
        "RandomGamma": iter([shares, 1 - shares]),  # Beta is X / (X + Y) of two gammas; these give the share itself
        "RandomUniformInt": iter([centre.astype(np.int32) for centre in centres]),
    }
    with tf.device("/CPU:0"):  # where the images are, so that neither they nor the result travel
        mixed, kept = function(pictures, *(next(draws[kind]) for kind in kinds))
    return mixed.numpy(), kept.numpy()


@cache
def _traced(layer: str) -> tuple[Any, list[str]]:
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
