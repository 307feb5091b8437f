"""Attention between tokens: what is computed between the dense layers of queries, keys and values and that of outputs.

Queries, keys and values are dense layers of their own, so that they can be frozen, adapted (LoRA) and folded at export
as any other; these layers have no kernels.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from zoo.models.hub.token_layers import PACKAGE

FAR = -100.0  # added to the score of tokens that do not see each other, as in Swin's own code


@keras.saving.register_keras_serializable(package=PACKAGE)
class Attention(keras.layers.Layer):
    """``softmax(Q K' / sqrt(d)) V`` for each head (Vaswani et al., arXiv:1706.03762).

    Args:
        heads: how many there are; each has its share of the channels.
        shared: all heads have the same keys and values (Shazeer, arXiv:1911.02150), which have the channels of one.
    """

    def __init__(self, heads: int, *, shared: bool = False, **options: Any) -> None:
        super().__init__(**options)
        self.heads, self.shared = heads, shared

    def call(self, query: Any, key: Any, value: Any) -> Any:
        """Attend: ``(N, queries, channels)`` from ``(N, tokens, channels)``."""
        pairs = ((query, self.heads), *((tensor, 1 if self.shared else self.heads) for tensor in (key, value)))
        query, key, value = (_split(tensor, heads) for tensor, heads in pairs)
        scores = ops.matmul(query * query.shape[-1] ** -0.5, ops.transpose(key, (0, 1, 3, 2)))
        mixed = ops.transpose(ops.matmul(ops.softmax(scores, axis=-1), value), (0, 2, 1, 3))
        return ops.reshape(mixed, (-1, mixed.shape[1], mixed.shape[2] * mixed.shape[3]))

    def compute_output_shape(self, query_shape: Any, key_shape: Any, value_shape: Any) -> tuple[int | None, ...]:
        """A vector for each query."""
        return (*query_shape[:-1], value_shape[-1] * (self.heads if self.shared else 1))

    def get_config(self) -> dict[str, Any]:
        """The arguments, for Keras."""
        return super().get_config() | {"heads": self.heads, "shared": self.shared}


def _split(tensor: Any, heads: int) -> Any:
    """``(N, tokens, channels)`` to ``(N, heads, tokens, channels of a head)``."""
    _, tokens, channels = tensor.shape
    return ops.transpose(ops.reshape(tensor, (-1, tokens, heads, channels // heads)), (0, 2, 1, 3))


@keras.saving.register_keras_serializable(package=PACKAGE)
class Rotary(keras.layers.Layer):
    """Turns queries or keys ``(N, tokens, channels)`` by where their patches lie (Su et al., arXiv:2104.09864).

    The angles are those of DINOv3 (Siméoni et al., arXiv:2508.10104): of rows and columns from -1 to 1 at any size.

    Args:
        grid: rows and columns of the patches.
        heads: how many share the channels.
        prefix: tokens before the patches, which are not turned.
        theta: base of the frequencies.
    """

    def __init__(self, grid: tuple[int, int], heads: int, prefix: int, theta: float = 100.0, **options: Any) -> None:
        super().__init__(**options)
        self.grid, self.heads, self.prefix, self.theta = (int(grid[0]), int(grid[1])), heads, prefix, float(theta)

    def call(self, tokens: Any) -> Any:
        """Turn the patches, and leave the tokens before them."""
        _, count, channels = tokens.shape
        cosine, sine = self._angles(channels // self.heads)
        x = ops.reshape(tokens, (-1, count, self.heads, channels // self.heads))
        half = channels // self.heads // 2
        turned = ops.concatenate([-x[..., half:], x[..., :half]], axis=-1)
        x = x * ops.cast(cosine, x.dtype) + turned * ops.cast(sine, x.dtype)
        return ops.reshape(x, (-1, count, channels))

    def _angles(self, width: int) -> tuple[np.ndarray, np.ndarray]:
        """Cosines and sines ``(1, tokens, 1, width)``; of tokens before the patches 1 and 0."""
        frequencies = 1.0 / self.theta ** np.arange(0, 1, 4 / width, dtype=np.float32)
        rows, columns = (2 * (np.arange(0.5, side) / side) - 1 for side in self.grid)
        places = np.stack(np.meshgrid(rows, columns, indexing="ij"), axis=-1).reshape(-1, 2)
        angles = (2 * np.pi * places[:, :, None] * frequencies).reshape(len(places), -1)
        angles = np.concatenate([np.zeros((self.prefix, width)), np.tile(angles, (1, 2))]).astype(np.float32)
        return np.cos(angles)[None, :, None], np.sin(angles)[None, :, None]

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """As it is."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """The arguments, for Keras."""
        own = {"grid": self.grid, "heads": self.heads, "prefix": self.prefix, "theta": self.theta}
        return super().get_config() | own


@keras.saving.register_keras_serializable(package=PACKAGE)
class WindowAttention(keras.layers.Layer):
    """Attention within windows of a map, shifted or not, with learned scores by relative position: Swin's
    (Liu et al., arXiv:2103.14030).

    It takes a map ``(N, height, width, 3 * channels)`` of queries, keys and values, whose sides are multiples of the
    window, and gives ``(N, height, width, channels)``. A window that is smaller than the one that the network was
    trained with uses the same scores for the same distances.

    Args:
        heads: how many share the channels.
        window: side of a window.
        shift: by how much windows are moved; tokens that then meet across the border do not see each other.
        reach: side of the window that the scores were made for.
    """

    def __init__(self, heads: int, window: int, shift: int, reach: int, **options: Any) -> None:
        super().__init__(**options)
        self.heads, self.window, self.shift, self.reach = heads, window, shift, reach

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make the scores."""
        fresh = keras.initializers.TruncatedNormal(stddev=0.02)
        self.scores = self.add_weight(((2 * self.reach - 1) ** 2, self.heads), fresh, name="scores")

    def call(self, qkv: Any) -> Any:
        """Attend within each window."""
        _, height, width, channels = qkv.shape
        side, head = self.window, channels // 3 // self.heads
        if self.shift:
            qkv = ops.roll(qkv, (-self.shift, -self.shift), axis=(1, 2))
        x = ops.reshape(qkv, (-1, height // side, side, width // side, side * 3 * self.heads * head))
        x = ops.reshape(
            ops.transpose(x, (0, 1, 3, 2, 4)), (-1, height * width // side**2, side**2, 3, self.heads, head)
        )
        query, key, value = ops.unstack(ops.transpose(x, (3, 0, 1, 4, 2, 5)), 3, axis=0)
        scores = ops.matmul(query * head**-0.5, ops.transpose(key, (0, 1, 2, 4, 3))) + self._relative()
        if self.shift:
            scores = scores + ops.cast(self._apart(height, width), scores.dtype)
        mixed = ops.transpose(ops.matmul(ops.softmax(scores, axis=-1), value), (0, 1, 3, 2, 4))
        x = ops.reshape(mixed, (-1, height // side, width // side, side, side * self.heads * head))
        x = ops.reshape(ops.transpose(x, (0, 1, 3, 2, 4)), (-1, height, width, self.heads * head))
        return ops.roll(x, (self.shift, self.shift), axis=(1, 2)) if self.shift else x

    def _relative(self) -> Any:
        """Scores ``(heads, tokens, tokens)`` of a window by how far two tokens are from each other."""
        places = np.indices((self.window, self.window)).reshape(2, -1).T
        apart = places[:, None] - places[None] + self.reach - 1
        index = apart[..., 0] * (2 * self.reach - 1) + apart[..., 1]
        return ops.transpose(ops.take(self.scores, index, axis=0), (2, 0, 1))

    def _apart(self, height: int, width: int) -> np.ndarray:
        """What is added to scores ``(windows, 1, tokens, tokens)`` of tokens that lie on other sides of the border."""
        parts = [np.digitize(np.arange(side), [side - self.window, side - self.shift]) for side in (height, width)]
        regions = parts[0][:, None] * 3 + parts[1][None]
        side = self.window
        windows = regions.reshape(height // side, side, width // side, side).swapaxes(1, 2).reshape(-1, side**2)
        return np.where(windows[:, :, None] == windows[:, None], 0.0, FAR)[:, None].astype(np.float32)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """A third of the channels."""
        channels: Any = input_shape[-1]
        return (*input_shape[:-1], channels // 3)

    def get_config(self) -> dict[str, Any]:
        """The arguments, for Keras."""
        own = {"heads": self.heads, "window": self.window, "shift": self.shift, "reach": self.reach}
        return super().get_config() | own
