"""Layers of vision transformers that Keras has not: tokens before the patches, positions, and what is pooled of them.

They are registered, so that members in ``.keras`` files are read in Keras' safe mode, and without KerasHub.
"""

from __future__ import annotations

import math
from typing import Any, Literal

import keras
import numpy as np
from keras import ops

from zoo.models.hub.positions import resized

PACKAGE = "zoo"
DEVIATION = 0.02  # of fresh tokens and positions (Dosovitskiy et al., arXiv:2010.11929)

Pooling = Literal["first", "first_and_mean"]


@keras.saving.register_keras_serializable(package=PACKAGE)
class Tokens(keras.layers.Layer):
    """Adds positions to patches ``(N, patches, width)`` and puts learned tokens before them.

    Weights of a file that was made for a square grid of another size are resized.

    Args:
        grid: rows and columns of the patches.
        prefix: how many tokens come first: class, distillation and register tokens, with their positions added.
        positions: whether patches have positions.
        antialias: smooth positions that are resized to a smaller grid.
    """

    def __init__(
        self,
        grid: tuple[int, int],
        prefix: int = 1,
        *,
        positions: bool = True,
        antialias: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.grid, self.prefix = (int(grid[0]), int(grid[1])), prefix
        self.has_positions, self.antialias = positions, antialias

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make the weights."""
        width, fresh = input_shape[-1], keras.initializers.TruncatedNormal(stddev=DEVIATION)
        if self.prefix:
            self.tokens = self.add_weight((self.prefix, width), fresh, name="tokens")
        if self.has_positions:
            self.positions = self.add_weight((self.grid[0] * self.grid[1], width), fresh, name="positions")

    def call(self, patches: Any) -> Any:
        """Add and prepend."""
        if self.has_positions:
            patches = patches + self.positions
        if not self.prefix:
            return patches
        shape = (ops.shape(patches)[0], self.prefix, patches.shape[-1])
        return ops.concatenate([ops.broadcast_to(self.tokens[None], shape), patches], axis=1)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """More tokens than patches."""
        return (input_shape[0], self.grid[0] * self.grid[1] + self.prefix, input_shape[-1])

    def load_own_variables(self, store: Any) -> None:
        """Read weights, also those of a square grid of another size."""
        kept = {key: np.asarray(store[key]) for key in store.keys()}  # noqa: SIM118, a store of Keras is no dict
        key, count = str(int(self.prefix > 0)), self.grid[0] * self.grid[1]
        if self.has_positions and key in kept and len(kept[key]) != count:
            side = math.isqrt(len(kept[key]))
            if side**2 != len(kept[key]):
                raise ValueError(
                    f"expected positions of {self.grid[0]}x{self.grid[1]} patches or of a square; "
                    f"received {len(kept[key])}."
                )
            kept[key] = resized(kept[key], (side, side), self.grid, antialias=self.antialias)
        super().load_own_variables(kept)

    def get_config(self) -> dict[str, Any]:
        """The arguments, for Keras."""
        own = {"grid": self.grid, "prefix": self.prefix, "positions": self.has_positions, "antialias": self.antialias}
        return super().get_config() | own


@keras.saving.register_keras_serializable(package=PACKAGE)
class Probe(keras.layers.Layer):
    """Gives one learned query ``(N, 1, width)``, which an attention pools tokens ``(N, tokens, width)`` with."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make the weight."""
        self.probe = self.add_weight((1, input_shape[-1]), "glorot_uniform", name="probe")

    def call(self, tokens: Any) -> Any:
        """Repeat it for each image."""
        return ops.broadcast_to(self.probe[None], (ops.shape(tokens)[0], 1, tokens.shape[-1]))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """One token."""
        return (input_shape[0], 1, input_shape[-1])

    def get_config(self) -> dict[str, Any]:
        """The arguments, for Keras."""
        config: dict[str, Any] = super().get_config()
        return config


@keras.saving.register_keras_serializable(package=PACKAGE)
class PooledTokens(keras.layers.Layer):
    """What a published classifier takes of tokens ``(N, tokens, width)``.

    Args:
        pooling: ``first`` is the class token, ``(N, width)``; ``first_and_mean`` has the mean of the patches beside it,
            ``(N, 2 * width)``.
        prefix: how many tokens come before the patches.
    """

    def __init__(self, pooling: Pooling, prefix: int = 1, **options: Any) -> None:
        super().__init__(**options)
        self.pooling, self.prefix = pooling, prefix

    def call(self, tokens: Any) -> Any:
        """Pool."""
        first = tokens[:, 0]
        if self.pooling == "first":
            return first
        return ops.concatenate([first, ops.mean(tokens[:, self.prefix :], axis=1)], axis=-1)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """One vector an image."""
        width: Any = input_shape[-1]
        return (input_shape[0], width if self.pooling == "first" else 2 * width)

    def get_config(self) -> dict[str, Any]:
        """The arguments, for Keras."""
        return super().get_config() | {"pooling": self.pooling, "prefix": self.prefix}
