"""The fingerprint of a network, a hash of its layers and its weights; and that of a builder, by its source."""

from __future__ import annotations

import hashlib
import inspect
import json
import re
from collections.abc import Iterable, Sequence
from types import FunctionType
from typing import TYPE_CHECKING, Any

import numpy as np

from zoo.models.cloning import leaf_layers
from zoo.utils.code_fingerprint import CodeReader
from zoo.utils.hashing import KEY_LENGTH
from zoo.utils.user_code import file_of, is_users, module_files

if TYPE_CHECKING:
    import keras

STARTS = re.compile(r"(.*_)?(initializer|regularizer|constraint)|seed|seed_generator|rate|compile_config|dtype")
BUILT_IN = "zoo.models.backbones."
SILENT = ("trainable", "input_layers", "output_layers", "shared_object_id")
NUMERICS = 5  # one more whenever a change of this library changes what the same plan and recipe compute


def network_digest(model: keras.Model) -> str:
    """Hash a network's layers and weights, and the code of layers that are neither Keras' nor this library's."""
    digest = hashlib.sha256(json.dumps(_anonymous(model.get_config(), {}), sort_keys=True, default=str).encode())
    own = _users_code(leaf_layers(model))
    if own:
        reader = CodeReader(strict=False)
        digest.update(json.dumps([reader.content(own[name]) for name in sorted(own)]).encode())
    for array in model.get_weights():
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()[:KEY_LENGTH]


def _users_code(layers: Iterable[keras.Layer]) -> dict[str, Any]:
    """The classes of layers that are the user's, and the functions that layers hold, such as activations, by name."""
    held = [value for layer in layers for value in (type(layer), *vars(layer).values())]
    return {value.__qualname__: value for value in held if isinstance(value, type | FunctionType) and is_users(value)}


def same_layers(models: Sequence[keras.Model]) -> list[bool]:
    """Whether each network has the layers of the first, whatever their weights began with."""
    first, *others = (_anonymous(model.get_config(), {}, STARTS) for model in models)
    return [True, *(other == first for other in others)]


def _anonymous(config: Any, names: dict[str, int], apart: re.Pattern[str] | None = None) -> Any:
    """Number layers in order of appearance, because their names count what the process has made before, and
    leave out what changes no prediction: what is frozen, and how often a layer was called in other models.

    Args:
        config: of Keras'.
        names: of the layers so far, with their numbers.
        apart: further keys to leave out.
    """
    if isinstance(config, dict):
        kept = {
            key: value for key, value in config.items() if key not in SILENT and not (apart and apart.fullmatch(key))
        }
        return {key: _canonical(key, value, names, apart) for key, value in kept.items()}
    return [_anonymous(value, names, apart) for value in config] if isinstance(config, list | tuple) else config


def _canonical(key: str, value: Any, names: dict[str, int], apart: re.Pattern[str] | None) -> Any:
    if key == "name":
        return names.setdefault(value, len(names))
    if key == "keras_history":
        layer, _, tensor = value
        return [names.setdefault(layer, len(names)), tensor]
    return _anonymous(value, names, apart)


def is_built_in(builder: Any) -> bool:
    """Whether a builder is this library's; code that was run from a text may have no module."""
    return str(builder.__module__).startswith(BUILT_IN)


def source_of(builder: Any) -> str:
    """Fingerprint a user's builder by its source, what it refers to, and its module with all that this imports.

    A script or a notebook holds much else, so there the function's own source has to do, with what it refers to.
    """
    if is_built_in(builder):
        return builder.__name__
    module, reader = inspect.getmodule(builder), CodeReader(strict=False)
    files = module_files(module.__name__, file_of(module)) if module and module.__name__ != "__main__" else {}
    try:
        source = inspect.getsource(builder)
    except (OSError, TypeError):
        source = ""
    known = reader.referred(builder) if source and inspect.isfunction(builder) else reader.content(builder)
    return source + json.dumps([known, files])
