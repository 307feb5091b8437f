"""The bar of ``zoo predict``: images, and images/s."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TimeRemainingColumn
from rich.text import Text


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
