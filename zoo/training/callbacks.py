"""Callbacks that every training has."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np

from zoo.training.optimizers import factor_of, innermost
from zoo.utils.progress import Counter

logger = logging.getLogger(__name__)


class DivergedError(ArithmeticError):
    """The loss left the finite numbers; the weights are of no use."""


RATES = (
    'Set the recipe\'s instead: schedule = "plateau", "step" or "cosine", with drop and drop_after; '
    "it is part of what a member is kept under."
)


def check_callbacks(callbacks: Iterable[keras.callbacks.Callback]) -> None:
    """Check that none of the user's callbacks sets the learning rate, which is the recipe's.

    Raises:
        ValueError: one does.
    """
    setting = (keras.callbacks.ReduceLROnPlateau, keras.callbacks.LearningRateScheduler)
    found = [type(callback).__name__ for callback in callbacks if isinstance(callback, setting)]
    if found:
        raise ValueError(f"Expected callbacks that leave the learning rate alone; received {', '.join(found)}. {RATES}")


@contextmanager
def rates_kept() -> Iterator[None]:
    """Say of a callback of the user's own that sets the learning rate what to do instead.

    Raises:
        ValueError: in place of what Keras raises where an optimizer follows a schedule.
    """
    try:
        yield
    except TypeError as error:
        if "learning rate is not settable" not in str(error):
            raise
        raise ValueError(f"Expected callbacks that leave the learning rate alone; one sets it. {RATES}") from error


class Phased(keras.callbacks.Callback):
    """A callback whose ``phase`` is set to the name of the running phase.

    Attributes:
        phase: set by the training before each phase: ``head``, ``fine-tuning`` or ``whole``.
        shows: likewise: how the validation images are scored, ``clean``, ``augmented`` or ``shifted``.
        epochs_before: likewise: epochs of the phases before.
    """

    phase = ""
    shows = "clean"
    epochs_before = 0


class Steps(keras.callbacks.Callback):
    """Counts the steps of a phase for who watches.

    Args:
        counter: of the phase.
        steps: an epoch.
        shows: how the validation images are scored.
    """

    watches = True  # and steers nothing

    def __init__(self, counter: Counter, steps: int, *, shows: str) -> None:
        super().__init__()
        self.counter = counter
        self.steps = steps
        self.what = "validation" if shows == "clean" else f"{shows} validation"
        self.before = 0

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Stand where the epoch begins, which after an interruption is not the first."""
        self.before = epoch * self.steps
        self.counter.reach(self.before)

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Move to that step, which may be several after the last call's."""
        self.counter.reach(self.before + batch + 1)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Show how the epoch went."""
        if "val_accuracy" in (logs or {}):
            self.counter.note = f"{self.what} {(logs or {})['val_accuracy']:.3f}"


class BareLoss(keras.callbacks.Callback):
    """Take penalties of weights, such as L2, off the validation loss, for all callbacks behind this one.

    Keras adds those of the weights that train: a phase that trains more would look worse than the one before.
    """

    def __init__(self) -> None:
        super().__init__()
        self.penalty = 0.0

    def on_test_end(self, logs: dict[str, Any] | None = None) -> None:
        """Compute the penalty while averaged weights are in their place."""
        regularised = [weight for weight in self.model.trainable_weights if weight.regularizer is not None]
        self.penalty = float(sum(float(weight.regularizer(weight)) for weight in regularised))

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Take it off."""
        if logs and self.penalty:
            logs["val_loss"] -= self.penalty


class KeepBest(keras.callbacks.Callback):
    """Keep the weights of the best epoch across all phases, and stop a phase that no longer improves.

    One object lives through both phases: Keras' own ``EarlyStopping`` forgets the first phase's best when the
    second starts, and may then keep a worse network. Where the optimizer averages weights, the average is what was
    validated, and is kept.

    Args:
        network: whose weights to keep; phases may train a part of it.
        patience: epochs without a better validation loss after which the phase stops; None never stops.

    Attributes:
        best: the lowest validation loss yet.
        weights: of the epoch that had it.
        waited: epochs of this phase since.
    """

    def __init__(self, network: keras.Model, patience: int | None) -> None:
        super().__init__()
        self.network = network
        self.patience = patience
        self.best = math.inf
        self.weights: list[np.ndarray] = []
        self.waited = 0

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Compare, keep, and stop if it is time."""
        loss = (logs or {})["val_loss"]
        if not math.isfinite(loss):
            self._end(f"The validation loss became {loss} in epoch {epoch + 1}: lower the learning rate.")
            return
        if loss < self.best:
            self.best, self.weights, self.waited = loss, self._averaged(), 0
            return
        self.waited += 1
        if self.patience is not None and self.waited >= self.patience:
            self.model.stop_training = True

    def restore(self) -> None:
        """Put the best weights back, and start to count anew: each phase has its own patience."""
        self.network.set_weights(self.weights)
        self.waited = 0

    def _end(self, reason: str) -> None:
        """Give up what has diverged, and keep what was good before it."""
        if not self.weights:
            raise DivergedError(reason)
        logger.warning("%s: %s The weights of the best epoch before are kept.", self.network.name, reason)
        self.model.stop_training = True

    def _averaged(self) -> list[np.ndarray]:
        optimizer = innermost(self.model.optimizer)
        averages: dict[int, Any] = {}
        if optimizer.use_ema:
            pairs = zip(self.model.trainable_variables, optimizer._model_variables_moving_average, strict=True)
            averages = {id(variable): average for variable, average in pairs}
        return [keras.ops.convert_to_numpy(averages.get(id(weight), weight)) for weight in self.network.weights]


class Plateau(keras.callbacks.Callback):
    """Multiply the rate by a factor when the validation loss has not become better for some epochs.

    Args:
        drop: the factor.
        patience: epochs to wait.
        lowest: fraction of the highest rate below which it never drops.

    Attributes:
        best: the lowest validation loss of this phase.
        waited: epochs since.
    """

    def __init__(self, drop: float, patience: int, lowest: float) -> None:
        super().__init__()
        self.drop = drop
        self.patience = patience
        self.lowest = lowest
        self.best = math.inf
        self.waited = 0

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Compare, and drop if it is time."""
        loss = (logs or {})["val_loss"]
        if loss < self.best:
            self.best, self.waited = loss, 0
            return
        self.waited += 1
        if self.waited >= self.patience:
            made = innermost(self.model.optimizer)
            made.factor.assign(max(factor_of(made) * self.drop, self.lowest))
            self.waited = 0


class EpochLog(Phased):
    """Keep the figures of every epoch, and log one line each; silent unless the application listens to ``zoo``.

    Attributes:
        history: one record an epoch: phase, epoch, losses, accuracies, and the rate at its end; ``augmented`` or
            ``shifted`` where the validation images were scored so.
    """

    def __init__(self) -> None:
        super().__init__()
        self.history: list[dict[str, Any]] = []

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Keep the figures and write the line."""
        figures = {**(logs or {}), "learning_rate": innermost(self.model.optimizer).rate()}
        shows = {} if self.shows == "clean" else {self.shows: True}
        self.history.append({"phase": self.phase, "epoch": epoch + 1, **figures, **shows})
        text = "  ".join(f"{name} {_short(name, value)}" for name, value in figures.items())
        how = "" if self.shows == "clean" else f"  (validation images {self.shows})"
        epochs = f"{epoch + 1}/{self.params['epochs']}"
        logger.info("%s, %s: epoch %s  %s%s", self.model.name, self.phase, epochs, text, how)


def _short(name: str, value: float) -> str:
    return f"{value:.1e}" if name == "learning_rate" else f"{value:.4f}"
