"""What a run will cost: a forecast for each member and for the whole run, as frozen values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from zoo.planning.machine import Machine
from zoo.planning.speed import Speed
from zoo.report.tables import as_text, draw
from zoo.utils.text import bytes_text, duration

COLUMNS = ("member", "networks", "epochs", "images", "images/s", "time")
NOTE, NONE = "note", "-"  # the head of the reasons, where there are some; what stands in the place of figures


@dataclass(frozen=True, kw_only=True)
class MemberForecast:
    """What one member of an ensemble will cost.

    Attributes:
        name: the member's.
        networks: how many are trained for it: one a fold, one for the refit, each once a snapshot.
        stored: how many of these the store has already.
        epochs: of one network at most; early stopping may end it before.
        images: of an epoch.
        seconds: by stage, of all its networks: the phases' names, ``views and features``, ``predictions``.
        disk: bytes that it adds.
        speed: what it rests on; None for a member that is fitted already, whose prediction alone is left, and for one
            that cannot be trained.
        reason: why it cannot be trained; "" for all others.
    """

    name: str
    networks: int = 0
    stored: int = 0
    epochs: int = 0
    images: int = 0
    seconds: Mapping[str, float] = field(default_factory=dict)
    disk: int = 0
    speed: Speed | None = None
    reason: str = ""

    @property
    def total(self) -> float:
        """Seconds of all stages, were it alone on the machine."""
        return sum(self.seconds.values())


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """What a run will cost, at most: early stopping may make it shorter.

    Attributes:
        members: one forecast each, in their order.
        seconds: by stage of the run, in the order of the first member's stages, then ``rules``. Where several
            members are trained at a time, these are seconds of the clock.
        memory: bytes of all processes at their highest.
        disk: bytes that the run adds while it lasts.
        jobs: processes that train at a time.
        machine: what there is.
        begun: when the forecast was made.
        networks: seconds of each training by its stages, by the network's name.
        within: what fits into a time limit, in words; "" without one.
    """

    members: tuple[MemberForecast, ...]
    seconds: Mapping[str, float]
    memory: int
    disk: int
    jobs: int
    machine: Machine
    begun: datetime
    networks: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    within: str = ""

    @property
    def total(self) -> float:
        """Seconds from now to the end."""
        return sum(self.seconds.values())

    @property
    def ends(self) -> datetime:
        """When the run will end."""
        return self.begun + timedelta(seconds=self.total)

    @property
    def measured(self) -> bool:
        """Every speed was measured; False where one was guessed."""
        return all(one.speed.measured for one in self.members if one.speed)

    @property
    def stored(self) -> bool:
        """Nothing is left to train."""
        return all(one.stored == one.networks for one in self.members)

    def __str__(self) -> str:
        return as_text(self)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """Show the table where a notebook or IPython shows a value."""
        printer.text(str(self))

    def __rich_console__(self, console: Any, options: Any) -> Iterator[Any]:
        """Draw the plan of the run as a table."""
        yield from _drawn(self)


def _drawn(forecast: Forecast) -> Iterator[Any]:
    """Draw a row a member, then the run's time by stage, its end, memory and disk."""
    noted = any(one.reason for one in forecast.members)
    columns, rows = (*COLUMNS, NOTE) if noted else COLUMNS, [_row(one) for one in forecast.members]
    yield draw("Plan of the run", columns, [row[: len(columns)] for row in rows], left=("member", NOTE))
    stages = ", ".join(f"{name} {duration(own)}" for name, own in forecast.seconds.items() if own >= 1)
    side_by_side = f", {forecast.jobs} trainings at a time" if forecast.jobs > 1 else ""
    how = "at most" if forecast.measured else "at most, guessed and not measured"
    yield f"time: {duration(forecast.total)} ({how}){side_by_side}, until {forecast.ends:%H:%M}: {stages}"
    if forecast.within:
        yield forecast.within
    yield f"peak memory: {_share(forecast.memory, forecast.machine.memory)}"
    yield f"disk: {_share(forecast.disk, forecast.machine.disk)}"


def _row(member: MemberForecast) -> tuple[str, ...]:
    """The cells of a member: its figures, and why it has none where it cannot take part."""
    if member.reason:
        return (member.name, NONE, NONE, NONE, NONE, NONE, f"cannot take part: {member.reason.splitlines()[0]}")
    networks = f"{member.networks}" + (f" ({member.stored} stored)" if member.stored else "")
    if not member.networks:
        return (member.name, "fitted", "", "", "", duration(member.total), "")
    figures = (f"{member.epochs}", f"{member.images:,}", _speed(member), duration(member.total))
    return (member.name, networks, *figures, "")


def _share(needed: int, there: int | None) -> str:
    text = bytes_text(needed)
    return text if there is None else f"{text} of {bytes_text(there)}" + (": too little" if needed > there else "")


def _speed(member: MemberForecast) -> str:
    if member.speed is None:
        return ""
    return ("" if member.speed.measured else "~") + f"{member.speed.images_per_second:,.0f}"
