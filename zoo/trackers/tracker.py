"""What a tracker is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from zoo.trackers.results import Results

if TYPE_CHECKING:
    import keras


class Tracker(Protocol):
    """Something that keeps the results of runs, to be looked at and compared."""

    def check(self) -> None:
        """Check before a training what can be checked then.

        Raises:
            ImportError: its package is not installed.
            ValueError: it cannot be reached, or cannot write there.
        """

    def callbacks(self) -> Sequence[keras.callbacks.Callback]:
        """Callbacks that show a training while it runs; none where it has nothing to show."""

    def record(self, results: Results) -> str:
        """Write the results of a fit; returns where they can be looked at."""
