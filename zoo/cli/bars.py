"""A progress bar for each phase of each member."""

from __future__ import annotations

import atexit
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

from zoo.training.callbacks import Phased


class Bars(Phased):
    """Draw one bar a phase, counting batches, with the latest validation figures beside it.

    Args:
        console: where to draw.
    """

    watches = True  # and steers nothing

    def __init__(self, console: Console) -> None:
        super().__init__()
        self.console = console
        self.live = ExitStack()
        atexit.register(self.live.close)

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Start the phase's bar."""
        self.live.close()  # Keras calls no on_train_end when a fit raises, and a console has one live display
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        self.progress = Progress(*columns, TextColumn("{task.fields[figures]}"), console=self.console)
        total = self.params["epochs"] * self.params["steps"]
        self.task = self.progress.add_task(f"{self.model.name}, {self.phase}", total=total, figures="")
        self.live.enter_context(self.progress)

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Stand where the epoch begins, which after an interruption is not the first."""
        self.done = epoch * self.params["steps"]
        self.progress.update(self.task, completed=self.done)

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Move to that batch, which may be several after the last call's."""
        self.progress.update(self.task, completed=self.done + batch + 1)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Show how the epoch went."""
        figures = logs or {}
        images = "augmented validation" if self.augmented else "validation"
        text = f"{images} {figures['val_accuracy']:.3f}" if "val_accuracy" in figures else ""
        self.progress.update(self.task, figures=text)

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Leave the bar as it stands."""
        self.live.close()


class SpeedColumn(ProgressColumn):
    """Images/s of late."""

    def render(self, task: Task) -> Text:
        """Write the figure, once there is one."""
        return Text(f"{task.speed:,.1f} images/s" if task.speed else "")


@contextmanager
def counting(console: Console) -> Iterator[Callable[[int, int], None] | None]:
    """Draw a bar on a terminal, and yield its update, which takes the images done and their total; else yield None."""
    if not console.is_terminal:
        yield None
        return
    columns = (BarColumn(), MofNCompleteColumn(), SpeedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("images", total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)
