"""The fingerprint of a network: a hash of its layers and its weights."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import numpy as np

from zoo.utils.hashing import KEY_LENGTH

if TYPE_CHECKING:
    import keras

SILENT = ("trainable", "input_layers", "output_layers", "shared_object_id")
NUMERICS = 5  # one more whenever a change of this library changes what the same plan and recipe compute


def network_digest(model: keras.Model) -> str:
    """Hash a network's layers and weights."""
    digest = hashlib.sha256(json.dumps(_anonymous(model.get_config(), {}), sort_keys=True, default=str).encode())
    for array in model.get_weights():
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()[:KEY_LENGTH]


def _anonymous(config: Any, names: dict[str, int]) -> Any:
    """Number layers in order of appearance, because their names count what the process has made before, and
    leave out what changes no prediction: what is frozen, and how often a layer was called in other models."""
    if isinstance(config, dict):
        return {key: _canonical(key, value, names) for key, value in config.items() if key not in SILENT}
    return [_anonymous(value, names) for value in config] if isinstance(config, list | tuple) else config


def _canonical(key: str, value: Any, names: dict[str, int]) -> Any:
    if key == "name":
        return names.setdefault(value, len(names))
    if key == "keras_history":
        layer, _, tensor = value
        return [names.setdefault(layer, len(names)), tensor]
    return _anonymous(value, names)
