"""How unsure an answer is, as stock Keras layers, so that an export can say it; see `ensembles.uncertainty`."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

import keras
import numpy as np
from keras import ops

from ensembles.uncertainty import FeatureDistance, check_score

Tensor: TypeAlias = keras.KerasTensor


def as_uncertainty(score: str, member_logits: Sequence[Tensor], combined: Tensor, name: str = "uncertainty") -> Tensor:
    """Continue a Keras graph to a number for each row, larger where the answer deserves less trust.

    Args:
        score: one of `ensembles.uncertainty.SCORES`.
        member_logits: tensors (None, classes), of all members.
        combined: the rule's logits (None, classes).
        name: of the last layer.

    Returns:
        a tensor (None,) float32.

    Raises:
        ValueError: no such score.
    """
    check_score(score)
    unsure = _WRITERS[score](list(member_logits), combined)
    return keras.layers.Activation("linear", dtype="float32", name=name)(unsure)


def as_distance(distance: FeatureDistance, features: Tensor, name: str = "uncertainty") -> Tensor:
    """Continue a Keras graph from features (None, features) to the distance from the nearest class: (None,) float32."""
    root = np.linalg.cholesky(distance.precision_)  # the distance is Euclidean once features are multiplied by it
    whiten = keras.layers.Dense(root.shape[1], use_bias=False, trainable=False, dtype="float32", name=f"{name}_whiten")
    whitened = whiten(features)
    whiten.set_weights([root])
    means = (distance.means_ @ root).astype(np.float32)
    apart = ops.expand_dims(whitened, 1) - means[None]
    nearest = ops.sqrt(ops.min(ops.sum(apart * apart, axis=-1), axis=-1))
    return keras.layers.Activation("linear", dtype="float32", name=name)(nearest)


def _entropy(logits: Tensor) -> Tensor:
    logs = ops.log_softmax(logits, axis=-1)
    return -ops.sum(ops.exp(logs) * logs, axis=-1)


def _mutual_information(members: list[Tensor]) -> Tensor:
    logs = [ops.log_softmax(member, axis=-1) for member in members]
    mean = sum(ops.exp(own) for own in logs) / len(logs)
    whole = -ops.sum(mean * ops.log(ops.maximum(mean, 1e-30)), axis=-1)
    own = sum(_entropy(member) for member in members) / len(members)
    return ops.maximum(whole - own, 0.0)


_WRITERS: dict[str, Callable[[list[Tensor], Tensor], Tensor]] = {
    "entropy": lambda _, combined: _entropy(combined),
    "doubt": lambda _, combined: 1 - ops.max(ops.softmax(combined, axis=-1), axis=-1),
    "energy": lambda _, combined: -ops.logsumexp(combined, axis=-1),
    "mutual_information": lambda members, _: _mutual_information(members),
}
