"""Batches for Keras, read from labelled images under any backend."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from zoo.data.images import Images

TURNS = 4  # as it is, sideways, upside down, both


class TrainingBatches(keras.utils.PyDataset):
    """Shuffled batches of ``(images, one-hot labels, weights)``, drawn from (seed, epoch, image) and nothing else.

    Args:
        images: what to train on.
        batch_size: images a batch; the last one of an epoch may be smaller.
        flips: turn images over at random, in either direction.
        class_weights: ``(classes,)`` weight of each class' images.
        seed: of the order and the flips, one number or more.
    """

    def __init__(
        self,
        images: Images,
        *,
        batch_size: int,
        flips: bool,
        class_weights: np.ndarray,
        seed: Sequence[int],
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.images = images
        self.batch_size = batch_size
        self.flips = flips
        self.class_weights = class_weights
        self.seed = seed
        self._start_epoch(0)

    @property
    def num_batches(self) -> int:
        """Batches an epoch."""
        return -(-len(self.images) // self.batch_size)

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        rows = self.order[index * self.batch_size : (index + 1) * self.batch_size]
        labels = self.images.labels[rows]
        pictures = self.images.take(rows)
        if self.flips:
            _flip(pictures, self.turns[rows])
        targets = np.eye(len(self.images.classes), dtype=np.float32)[labels]
        return pictures, targets, self.class_weights[labels]

    def on_epoch_end(self) -> None:
        """Draw the next epoch's order."""
        self._start_epoch(self.epoch + 1)

    def _start_epoch(self, epoch: int) -> None:
        self.epoch = epoch
        random = np.random.default_rng([*self.seed, epoch])
        self.order = random.permutation(len(self.images))
        self.turns = random.integers(TURNS, size=len(self.images))


class Batches(keras.utils.PyDataset):
    """Batches of images in their order, without labels: for prediction."""

    def __init__(self, images: Images | np.ndarray, batch_size: int, **options: Any) -> None:
        super().__init__(**options)
        self.images = images
        self.batch_size = batch_size

    @property
    def num_batches(self) -> int:
        """Batches in all."""
        return -(-len(self.images) // self.batch_size)

    def __getitem__(self, index: int) -> tuple[np.ndarray, ...]:
        rows = self.rows_of(index)
        return (self.images.take(rows) if isinstance(self.images, Images) else self.images[rows],)

    def rows_of(self, index: int) -> np.ndarray:
        """The rows of one batch."""
        return np.arange(index * self.batch_size, min((index + 1) * self.batch_size, len(self.images)))


class LabelledBatches(Batches):
    """Batches of ``(images, one-hot labels)`` in their order: for validation."""

    images: Images

    def __init__(self, images: Images, batch_size: int, **options: Any) -> None:
        super().__init__(images, batch_size, **options)

    def __getitem__(self, index: int) -> tuple[np.ndarray, ...]:
        targets = np.eye(len(self.images.classes), dtype=np.float32)
        return (*super().__getitem__(index), targets[self.images.labels[self.rows_of(index)]])


def balanced_weights(images: Images) -> np.ndarray:
    """Weigh classes by the inverse of their frequency: ``(classes,)`` float32, 1 on average over the images."""
    counts = np.maximum(images.counts, 1)
    return np.asarray(len(images) / (len(counts) * counts), dtype=np.float32)


def _flip(pictures: np.ndarray, turns: np.ndarray) -> None:
    """Turn pictures over in place: bit 0 left to right, bit 1 upside down."""
    sideways, upside_down = (turns & 1).astype(bool), (turns & 2).astype(bool)
    pictures[sideways] = pictures[sideways, :, ::-1]
    pictures[upside_down] = pictures[upside_down, ::-1]
