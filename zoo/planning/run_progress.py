"""How far a whole run is, in the seconds of its forecast, and how long it will still take."""

from __future__ import annotations

import time
from collections.abc import Mapping

from zoo.planning.costs import PREPARING
from zoo.planning.forecast import Forecast
from zoo.planning.run_cost import OUT_OF_FOLD, RULES
from zoo.utils.progress import Counter
from zoo.utils.text import duration

LAST = (RULES, OUT_OF_FOLD)
TRUSTED = 0.05  # part of the run after which its own speed counts more than the forecast


class Overall:
    """Watches the networks of a run.

    Each network weighs as many seconds as were forecast for it. What ends early, or is found in the store, counts as
    done, so that the whole never exceeds 1 and always reaches it.

    Args:
        forecast: of the run.
    """

    def __init__(self, forecast: Forecast) -> None:
        self.networks = forecast.networks
        own = sum(sum(stages.values()) for stages in self.networks.values())
        self.rest = dict.fromkeys(LAST, forecast.seconds[RULES] / len(LAST))  # all that comes after the networks
        self.total = own + sum(self.rest.values())
        self.clock = forecast.total  # seconds of the clock, fewer where networks are trained side by side
        self.finished: set[str] = set()
        self.stages: dict[str, dict[str, float]] = {}
        self.running: list[Counter] = []
        self.begun = time.monotonic()

    def begin(self, counter: Counter) -> None:
        """Follow a phase."""
        self.running.append(counter)
        if counter.name in self.networks.get(counter.owner, ()):
            self.note(counter.owner, PREPARING, 1.0)

    def end(self, counter: Counter) -> None:
        """Count it as done."""
        if counter in self.running:
            self.running.remove(counter)
        self.note(counter.owner, counter.name, 1.0)

    def finish(self, owner: str) -> None:
        """Count all of a network as done."""
        self.finished.add(owner)

    def note(self, owner: str, stage: str, fraction: float) -> None:
        """Count a part of a stage as done."""
        own = self.stages.setdefault(owner, {})
        own[stage] = max(own.get(stage, 0.0), min(fraction, 1.0))

    @property
    def done(self) -> float:
        """Forecast seconds of what is done."""
        for counter in [*self.running]:
            self.note(counter.owner, counter.name, counter.fraction)
        rest = sum(seconds * self.stages.get("", {}).get(stage, 0.0) for stage, seconds in self.rest.items())
        return rest + sum(self._of(owner, own) for owner, own in self.networks.items())

    @property
    def fraction(self) -> float:
        """The part that is done, 0 to 1."""
        return min(self.done / self.total, 1.0)

    @property
    def left(self) -> float:
        """Seconds left: by the forecast at first, then more and more by the speed of the run itself.

        It is never less than what a phase that runs still takes.
        """
        done = self.fraction
        trust = min(done / TRUSTED, 1.0)
        own = (time.monotonic() - self.begun) / done if done else self.clock
        whole = (1 - done) * (own * trust + self.clock * (1 - trust))
        return max([whole, *(counter.left or 0.0 for counter in [*self.running])])

    def __str__(self) -> str:
        return f"(run: {self.fraction:.0%}, {duration(self.left)} left)"

    def _of(self, owner: str, own: Mapping[str, float]) -> float:
        if owner in self.finished:
            return sum(own.values())
        stages = self.stages.get(owner, {})
        return sum(seconds * stages.get(stage, 0.0) for stage, seconds in own.items())
