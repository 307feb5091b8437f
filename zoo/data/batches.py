"""Batches for Keras, read row by row under any backend."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import joblib
import keras
import numpy as np

from zoo.augment.mixing import mix
from zoo.data.images import Images
from zoo.data.sampling import epoch_order, repeats
from zoo.data.views import Array, PaddedRows, Views
from zoo.utils.allocator import keep_freed_memory
from zoo.utils.chunks import Rows
from zoo.utils.logging import without_tensorflow_warnings
from zoo.utils.progress import Counter, phase

PREDICTIONS = "predictions"  # the phase


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """How an epoch is drawn.

    Attributes:
        batch_size: rows a batch; the last one of an epoch may be smaller.
        imbalance: a word of :data:`zoo.data.sampling.IMBALANCE`.
        mix: a word of :data:`zoo.augment.mixing.MIXES`.
        mix_alpha: its parameter; None is the method's own.
        seed: of order and mixing, one number or more.
        multiple: each batch has so many rows or a multiple; the rest of an epoch's order is left out.
    """

    batch_size: int
    imbalance: str = "none"
    mix: str = "none"
    mix_alpha: float | None = None
    seed: Sequence[int] = (0,)
    multiple: int = 1


class TrainingBatches(keras.utils.PyDataset):
    """Shuffled batches of ``(rows, targets, weights)``, drawn from (seed, epoch, row) and nothing else.

    Targets are one-hot ``(n, classes)`` float32, and weights ``(n,)`` float32 those of the target's classes, so that
    a mixture weighs as much as its parts do.

    Args:
        source: what to train on, in every epoch's view.
        labels: ``(N,)`` class ids.
        classes: how many there are.
        how: how an epoch is drawn.
        soft_targets: targets ``(n, classes)`` in every epoch's view, instead of the one-hot labels.
        epoch: the first one.
        workers: threads that make batches; what they hold does not depend on it.

    Raises:
        ValueError: fewer rows than each batch must have.
    """

    def __init__(
        self,
        source: Views,
        labels: np.ndarray,
        classes: int,
        how: Drawing,
        *,
        soft_targets: Views | None = None,
        epoch: int = 0,
        workers: int = 1,
    ) -> None:
        super().__init__(workers=workers)
        self.source = source
        self.labels = labels
        self.soft_targets = soft_targets
        self.how = how
        self.one_hot = np.eye(classes, dtype=np.float32)
        self.class_weights = np.ones(classes, np.float32)
        if how.imbalance == "class_weights":
            self.class_weights = balanced_weights(labels, classes)
        self._start_epoch(epoch)
        if not len(self.order):
            raise ValueError(f"Expected {how.multiple} images or more, one a device; received {len(labels)}. Add some.")
        self.batch_size = min(how.batch_size, len(self.order))

    @property
    def num_batches(self) -> int:
        """Batches an epoch."""
        return -(-len(self.order) // self.batch_size)

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        keep_freed_memory()  # TensorFlow's dataset around this one has lowered the thresholds
        span = slice(index * self.batch_size, (index + 1) * self.batch_size)
        rows, repeats = self.order[span], self.repeats[span]
        taken = self.source.take(rows, self.epoch, repeats)
        targets = (
            self.soft_targets.take(rows, self.epoch, repeats) if self.soft_targets else self.one_hot[self.labels[rows]]
        )
        if self.how.mix != "none":
            seed = (*self.how.seed, self.epoch, index)
            taken, targets = mix(taken, targets, self.how.mix, alpha=self.how.mix_alpha, seed=seed)
        return taken, targets, targets @ self.class_weights

    def on_epoch_end(self) -> None:
        """Draw the next epoch's order."""
        self._start_epoch(self.epoch + 1)

    def _start_epoch(self, epoch: int) -> None:
        self.epoch = epoch
        random = np.random.default_rng([*self.how.seed, epoch])
        order = epoch_order(self.labels, len(self.one_hot), self.how.imbalance, random)
        self.order = order[: len(order) // self.how.multiple * self.how.multiple]
        self.repeats = repeats(self.order)


class Batches(keras.utils.PyDataset):
    """Batches of rows in their order, without labels: for prediction.

    Args:
        pictures: what to read.
        batch_size: rows a batch.
        workers: threads that make batches.
    """

    def __init__(self, pictures: Rows, batch_size: int, *, workers: int = 1) -> None:
        super().__init__(workers=workers)
        self.pictures = pictures
        self.batch_size = batch_size

    @property
    def num_batches(self) -> int:
        """Batches in all."""
        return -(-len(self.pictures) // self.batch_size)

    def __getitem__(self, index: int) -> tuple[np.ndarray, ...]:
        keep_freed_memory()
        return (self.pictures.take(self.rows_of(index)),)

    def rows_of(self, index: int) -> np.ndarray:
        """The rows of one batch."""
        return np.arange(index * self.batch_size, min((index + 1) * self.batch_size, len(self.pictures)))


def predict(
    model: keras.Model,
    pictures: Rows | np.ndarray,
    batch_size: int,
    *,
    workers: int = 1,
    seconds: list[float] | None = None,
    counter: Counter | None = None,
) -> np.ndarray:
    """Return a model's predictions ``(N, ...)``.

    The last batch is padded, because a smaller one would be compiled anew, which takes longer.

    Args:
        model: predicts batches.
        pictures: what to read.
        batch_size: rows a batch.
        workers: threads that make batches.
        seconds: takes the seconds of each batch.
        counter: of the phase that this is a part of; by default it is one of its own.
    """
    pictures = Array(pictures) if isinstance(pictures, np.ndarray) else pictures
    padded = Batches(PaddedRows(pictures, batch_size), batch_size)
    counting = nullcontext(counter) if counter else phase(PREDICTIONS, len(pictures), "images", owner=model.name)
    with without_tensorflow_warnings(), counting as counted:
        predictions = [_timed(model, batch, seconds, counted) for batch in _ahead(padded, workers)]
    return np.concatenate(predictions)[: len(pictures)]


def _timed(
    model: keras.Model, batch: tuple[np.ndarray, ...], seconds: list[float] | None, counter: Counter
) -> np.ndarray:
    """Not by ``model.predict``: under TensorFlow every call leaves its data behind, which fills the memory in time."""
    start = perf_counter()
    predicted: np.ndarray = model.predict_on_batch(*batch)
    if seconds is not None:
        seconds.append(perf_counter() - start)
    counter.advance(len(predicted))
    return predicted


def _ahead(batches: Batches, workers: int) -> Iterator[tuple[np.ndarray, ...]]:
    """Make batches in their order, a few ahead of their use if there are threads for it."""
    numbers = range(batches.num_batches)
    if workers == 1:
        return map(batches.__getitem__, numbers)
    made: Iterator[tuple[np.ndarray, ...]] = joblib.Parallel(workers, prefer="threads", return_as="generator")(
        joblib.delayed(batches.__getitem__)(number) for number in numbers
    )
    return made


class LabelledBatches(Batches):
    """Batches of ``(rows, one-hot labels, weights)`` in their order: for validation.

    Args:
        pictures: what to read.
        images: whose labels these are.
        batch_size: rows a batch.
        balanced: let every class weigh the same in all; otherwise every row weighs 1.
        multiple: each batch has so many rows or a multiple: the last row is repeated without a weight, and the others
            weigh so much more that a mean over all batches stays what it is.
        workers: threads that make batches.
    """

    def __init__(
        self,
        pictures: Rows,
        images: Images,
        batch_size: int,
        *,
        balanced: bool = False,
        multiple: int = 1,
        workers: int = 1,
    ) -> None:
        super().__init__(PaddedRows(pictures, multiple) if multiple > 1 else pictures, batch_size, workers=workers)
        classes = len(images.classes)
        self.labels = images.labels
        self.one_hot = np.eye(classes, dtype=np.float32)
        weights = balanced_weights(images.labels, classes) if balanced else np.ones(classes, np.float32)
        self.class_weights = weights * np.float32(len(self.pictures) / len(pictures))

    def __getitem__(self, index: int) -> tuple[Any, ...]:
        rows = self.rows_of(index)
        labels = self.labels[np.minimum(rows, len(self.labels) - 1)]
        weights = self.class_weights[labels] * (rows < len(self.labels))
        return (*super().__getitem__(index), self.one_hot[labels], weights)


def balanced_weights(labels: np.ndarray, classes: int) -> np.ndarray:
    """Weigh classes by the inverse of their frequency: ``(classes,)`` float32, 1 on average over the rows."""
    counts = np.bincount(labels, minlength=classes)
    return np.asarray(len(labels) / ((counts > 0).sum() * np.maximum(counts, 1)), dtype=np.float32)
