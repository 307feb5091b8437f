"""Curves in TensorBoard while members train."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from zoo.trackers.event_file import append, check_installed, new_file, scalars
from zoo.trackers.results import figures
from zoo.training.callbacks import Phased
from zoo.training.optimizers import innermost
from zoo.training.own_callbacks import MEMBER

logger = logging.getLogger(__name__)

MEMBERS, CURVES = "members", "curves"


class LiveCurves(Phased):
    """A callback of :meth:`zoo.Ensemble.fit` that writes the figures of every epoch as soon as it is over.

    Each member is a run in ``members/``, also where members train in other processes. :func:`to_tensorboard` with the
    same folder adds what is missing after the fit.

    Args:
        folder: of TensorBoard (``tensorboard --logdir``).

    Raises:
        ImportError: tensorboard is not installed.

    Examples:
        >>> from zoo.trackers import LiveCurves
        >>> LiveCurves("runs/tensorboard").folder
        'runs/tensorboard/members/{member}'
    """

    watches = True  # and steers nothing

    def __init__(self, folder: str | Path) -> None:
        super().__init__()
        check_installed()
        self.folder = str(Path(folder).expanduser() / MEMBERS / MEMBER)
        self.file: Path | None = None

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Append the figures of the epoch."""
        step = self.epochs_before + epoch + 1
        known = {**(logs or {}), "learning_rate": innermost(self.model.optimizer).rate()}
        try:
            file = self.file or self._file(step)
            append(file, step, scalars(figures(known)), starts=self.file is None)
            self.file = file
        except OSError as error:  # a full disk must not end the training
            logger.warning("%s lacks an epoch: %s", self.folder, error)

    def _file(self, step: int) -> Path:
        """A new file; that of an interrupted training where this one goes on."""
        found = sorted(Path(self.folder).glob(f"*.{CURVES}"))
        return found[-1] if step > 1 and found else new_file(Path(self.folder), CURVES)
