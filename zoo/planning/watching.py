"""Showing how far a run is: bars on a terminal and in a notebook, lines of the log elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from typing import TYPE_CHECKING

from zoo.report.tables import show
from zoo.utils import progress

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from rich.console import Console

    from zoo.planning.budget import Budget, BudgetUsed
    from zoo.planning.forecast import Forecast
    from zoo.planning.run_progress import Overall

_shown: list[Shown] = []


class Shown:
    """What is shown of a run: its phases, and, once there is a forecast, the whole of it.

    Attributes:
        console: where tables and bars are drawn.
        whole: how far the run is; None before there is a forecast or a time limit.
    """

    def __init__(self, console: Console, until: ExitStack) -> None:
        self.console = console
        self.whole: Overall | BudgetUsed | None = None
        self._until = until

    def follow(self, forecast: Forecast) -> None:
        """Show a forecast, and from now on how far the whole run is."""
        from zoo.planning.run_progress import Overall

        show(forecast, self.console)
        self.whole = overall = Overall(forecast)
        self._until.enter_context(progress.watched(overall))

    def count_down(self, budget: Budget) -> None:
        """Show from now on how much of a time limit has passed."""
        from zoo.planning.budget import BudgetUsed

        self.whole = BudgetUsed(budget)

    def __str__(self) -> str:
        return "" if self.whole is None else str(self.whole)


@contextmanager
def shown(console: Console) -> Iterator[Shown]:
    """Show the progress of a block: bars where the console is a terminal or a notebook, else lines of the log."""
    with ExitStack() as until:
        own = Shown(console, until)
        if console.is_terminal or console.is_jupyter:
            from zoo.report.bars import bars

            until.enter_context(bars(console, lambda: own.whole))
        else:
            from zoo.report.progress_lines import lines

            until.enter_context(lines(lambda: str(own)))
        _shown.append(own)
        until.callback(_shown.remove, own)
        yield own


def wanted(progress: bool | None) -> AbstractContextManager[Shown | None]:
    """Show the progress of a block if it is wanted.

    Args:
        progress: True shows it, False does not; None does so on a terminal, in a notebook, and inside another
            :func:`shown`, which then shows this too.
    """
    if progress is False:
        return nullcontext()
    if _shown:
        return nullcontext(_shown[-1])
    if progress is None and not sys.stderr.isatty() and not _is_notebook():
        return nullcontext()
    from rich.console import Console

    return shown(Console(stderr=not _is_notebook(), markup=False, emoji=False))


def _is_notebook() -> bool:
    """Whether this runs in a kernel of Jupyter's."""
    shell = sys.modules.get("IPython")
    return shell is not None and type(shell.get_ipython()).__name__ == "ZMQInteractiveShell"
