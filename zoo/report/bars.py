"""Progress as bars: one for the whole run, and one for the present phase, on a terminal or in a notebook."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from rich.bar import Bar
from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from zoo.report.tables import as_text
from zoo.utils.progress import Counter, watched
from zoo.utils.text import duration
from zoo.utils.ticker import ticking

WIDTH, REFRESHES = 30, 4  # characters of a bar; drawings a second


class Whole(Protocol):
    """How far a run is."""

    @property
    def fraction(self) -> float:
        """The part that is done, 0 to 1."""

    @property
    def left(self) -> float:
        """Seconds left."""


class Bars:
    """Holds the phases in sight, and draws itself for rich.

    Args:
        whole: finds how far the run is; None where that is not known.
    """

    def __init__(self, whole: Callable[[], Whole | None] = lambda: None) -> None:
        self.phases: list[Counter] = []
        self.whole = whole

    def begin(self, counter: Counter) -> None:
        """Draw this phase from now on."""
        self.phases.append(counter)

    def end(self, counter: Counter) -> None:
        """Draw the one around it again."""
        if counter in self.phases:
            self.phases.remove(counter)

    def finish(self, owner: str) -> None:
        """The run's own bar knows."""

    def __rich_console__(self, console: Any, options: Any) -> Iterator[Any]:
        """Draw a row for the run, and one for the present phase."""
        grid = Table.grid(padding=(0, 1, 0, 0))
        whole = self.whole()
        if whole is not None:
            done = f"{whole.fraction:.0%}"
            grid.add_row("run", _bar(whole.fraction), done, f"{duration(whole.left)} left", "")
        for counter in [*self.phases][-1:]:
            grid.add_row(*_row(counter))
        yield grid


def _row(counter: Counter) -> tuple[Any, ...]:
    left = f"for {duration(counter.age)}" if counter.left is None else f"{duration(counter.left)} left"
    if not counter.total:
        return (counter.label, "", "", left, "")
    counted = f"{counter.done:,}/{counter.total:,} {counter.unit}"
    return (counter.label, _bar(counter.fraction), counted, left, Text(counter.note))


def _bar(fraction: float) -> Bar:
    return Bar(1.0, 0.0, min(fraction, 1.0), width=WIDTH, color="green", bgcolor="bright_black")


@contextmanager
def bars(console: Console, whole: Callable[[], Whole | None] = lambda: None) -> Iterator[Bars]:
    """Draw the progress of a block where the console is a terminal or a notebook."""
    drawn = Bars(whole)
    with watched(drawn), in_notebook(drawn) if console.is_jupyter else on_terminal(drawn, console):
        yield drawn


@contextmanager
def on_terminal(drawn: Bars, console: Console) -> Iterator[None]:
    """Draw below what is printed; the bars go when the block ends."""
    with Live(drawn, console=console, refresh_per_second=REFRESHES, transient=True):
        yield


@contextmanager
def in_notebook(drawn: Bars) -> Iterator[None]:
    """Draw as text that is replaced, which needs no widgets."""
    from IPython.display import display

    handle = display(_plain(drawn), raw=True, display_id=True)
    with ticking(lambda: handle.update(_plain(drawn), raw=True), 1.0):
        yield


def _plain(drawn: Bars) -> dict[str, str]:
    return {"text/plain": as_text(drawn) or " "}
