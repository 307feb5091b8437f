"""Blending the images of a batch, and their labels with them: MixUp (arXiv:1710.09412) and CutMix (arXiv:1905.04899).

keras-cv's layers do it. They would draw from TensorFlow's global random state, which all threads use, and whose seed
cannot be set without every compiled training step being thrown away (one of DenseNet121's then took 27 s, not 0.2). So
each layer is traced once with its draws as inputs, and NumPy supplies them: a batch depends on its seed alone, in any
thread, and TensorFlow's random state is neither read nor set.
"""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock
from typing import Literal, get_args

import numpy as np

from zoo.augment.from_keras_cv import traced_mixing

Mix = Literal["none", "mixup", "cutmix", "both"]
MIXES: tuple[str, ...] = get_args(Mix)
ALPHAS = {"mixup": 0.2, "cutmix": 1.0}  # keras-cv's

_tracing = Lock()


def mix(
    pictures: np.ndarray, targets: np.ndarray, how: str, *, seed: Sequence[int], alpha: float | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Blend every image of a batch with one drawn from it, rarely itself.

    ``mixup`` adds two images, each by its weight. ``cutmix`` pastes a rectangle of one image into another.
    Weights are drawn from Beta(alpha, alpha), one an image. ``both`` is one of the two, drawn for the batch. A batch of
    one image comes back as it is.

    Args:
        pictures: ``(n, H, W, 3)`` uint8.
        targets: ``(n, classes)`` float32, rows that sum to 1.
        how: one of ``MIXES``.
        seed: of everything that is drawn.
        alpha: near 0 most images stay nearly as they are, at 1 all weights are equally likely; None takes ``ALPHAS``.

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
    """Run a layer: mixed images ``(n, H, W, 3)`` float32, and ``(n,)`` the fraction of pixels that each kept."""
    import tensorflow as tf

    with _tracing:
        function, kinds = traced_mixing(layer)
    draws = {
        "RandomShuffle": iter([order.astype(np.int32)]),
        "RandomGamma": iter([shares, 1 - shares]),  # Beta is X / (X + Y) of two gammas; these give the weight itself
        "RandomUniformInt": iter([centre.astype(np.int32) for centre in centres]),
    }
    with tf.device("/CPU:0"):  # where the images are, so that neither they nor the result travel
        mixed, kept = function(pictures, *(next(draws[kind]) for kind in kinds))
    return mixed.numpy(), kept.numpy()
