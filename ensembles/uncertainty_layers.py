"""Uncertainty scores as stock Keras layers, so that an exported graph computes them; see `ensembles.uncertainty`."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

import keras
import numpy as np
from keras import ops

from ensembles.mahalanobis import FeatureDistance
from ensembles.uncertainty import check_score

Tensor: TypeAlias = keras.KerasTensor

NAME = "uncertainty"  # of the last layer


def as_uncertainty(score: str, member_logits: Sequence[Tensor], combined: Tensor) -> Tensor:
    """Continue a Keras graph to the uncertainty of each row, larger where a prediction deserves less trust.

    Args:
        score: One of `ensembles.uncertainty.SCORES`.
        member_logits: The logits of all members, tensors (None, classes).
        combined: The rule's logits, a tensor (None, classes).

    Returns:
        A tensor (None,) float32.

    Raises:
        ValueError: The score is unknown.

    Examples:
        >>> inputs = [keras.Input((3,)), keras.Input((3,))]
        >>> as_uncertainty("entropy", inputs, keras.layers.Average()(inputs)).shape
        (None,)
    """
    scores = _WRITERS[check_score(score)](list(member_logits), combined)
    return keras.layers.Activation("linear", dtype="float32", name=NAME)(scores)


def as_distance(distance: FeatureDistance, features: Tensor) -> Tensor:
    """Continue a Keras graph from features (None, features) to the distance from the nearest class: (None,) float32.

    Args:
        distance: The fitted distance.
        features: The features of a batch.
    """
    # With precision = L @ L.T, (x - m) @ precision @ (x - m) = |x @ L - m @ L|^2: a Euclidean distance.
    root = np.linalg.cholesky(distance.precision_)
    whiten = keras.layers.Dense(root.shape[1], use_bias=False, trainable=False, dtype="float32", name=f"{NAME}_whiten")
    whitened = whiten(features)
    whiten.set_weights([root])
    means = (distance.means_ @ root).astype(np.float32)
    offsets = ops.expand_dims(whitened, 1) - means[None]
    nearest = ops.sqrt(ops.min(ops.sum(offsets * offsets, axis=-1), axis=-1))
    return keras.layers.Activation("linear", dtype="float32", name=NAME)(nearest)


def _entropy(logits: Tensor) -> Tensor:
    logs = ops.log_softmax(logits, axis=-1)
    return -ops.sum(ops.exp(logs) * logs, axis=-1)


def _mutual_information(members: list[Tensor]) -> Tensor:
    logs = [ops.log_softmax(member, axis=-1) for member in members]
    mean = sum(ops.exp(own) for own in logs) / len(logs)
    total = -ops.sum(mean * ops.log(ops.maximum(mean, 1e-30)), axis=-1)
    expected = sum(_entropy(member) for member in members) / len(members)
    return ops.maximum(total - expected, 0.0)


_WRITERS: dict[str, Callable[[list[Tensor], Tensor], Tensor]] = {
    "entropy": lambda _, combined: _entropy(combined),
    "max_softmax": lambda _, combined: 1 - ops.max(ops.softmax(combined, axis=-1), axis=-1),
    "energy": lambda _, combined: -ops.logsumexp(combined, axis=-1),
    "mutual_information": lambda members, _: _mutual_information(members),
}
