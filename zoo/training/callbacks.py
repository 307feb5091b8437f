"""Callbacks that every training has."""

from __future__ import annotations

import logging
import math
from typing import Any

import keras
import numpy as np

logger = logging.getLogger(__name__)


class DivergedError(ArithmeticError):
    """The loss left the finite numbers; the weights are of no use."""


class KeepBest(keras.callbacks.Callback):
    """Keep the weights of the best epoch across all phases, and stop a phase that no longer improves.

    One object lives through both phases: Keras' own ``EarlyStopping`` forgets the first phase's best when the
    second starts, and may then keep a worse network.

    Args:
        patience: epochs without a better validation loss after which the phase stops; None never stops.
    """

    def __init__(self, patience: int | None) -> None:
        super().__init__()
        self.patience = patience
        self.best = math.inf
        self.weights: list[np.ndarray] = []

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
        """Start to count anew: each phase has its own patience."""
        self.waited = 0

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Compare, keep, and stop if it is time."""
        loss = (logs or {})["val_loss"]
        if not math.isfinite(loss):
            raise DivergedError(f"The validation loss became {loss} in epoch {epoch + 1}: lower the learning rate.")
        if loss < self.best:
            self.best, self.weights, self.waited = loss, self.model.get_weights(), 0
            return
        self.waited += 1
        if self.patience is not None and self.waited >= self.patience:
            self.model.stop_training = True

    def restore(self) -> None:
        """Put the best weights back."""
        self.model.set_weights(self.weights)


class EpochLog(keras.callbacks.Callback):
    """Log one line an epoch; silent unless the application listens to ``zoo``'s loggers.

    Attributes:
        phase: set by the training, as it is for any callback that has such an attribute.
    """

    phase = ""

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Write the line."""
        figures = "  ".join(f"{name} {value:.4f}" for name, value in (logs or {}).items())
        logger.info("%s, %s: epoch %d/%d  %s", self.model.name, self.phase, epoch + 1, self.params["epochs"], figures)
