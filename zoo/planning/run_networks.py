"""The networks of each member of a run, and which of them the store has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from zoo.data.images import Splits
from zoo.ensemble_options import EnsembleOptions
from zoo.members.candidates import tasks_of
from zoo.members.entrants import Refused
from zoo.members.held_out import HeldOut, folds_of, validation_of, without_each
from zoo.members.member import Member
from zoo.members.snapshots import check_cycles, cycle_name, next_cycle
from zoo.members.store import Store
from zoo.members.task import Task
from zoo.models.plan import Plan

UNKNOWN = "unknown"  # key of a member that no store holds


@dataclass(frozen=True)
class PlannedNetwork:
    """A network to train.

    Attributes:
        task: its training.
        first: the training of the same network in the first cycle, which is as fast.
        fold: rows that it alone predicts, besides the validation images; 0 without folds.
        cycle: its number among the snapshots of one training.
        stored: the store has it.
    """

    task: Task
    first: Task
    fold: int
    cycle: int
    stored: bool


@dataclass(frozen=True)
class Line:
    """A member of the run, or one of the snapshots of a plan.

    Attributes:
        name: the member's.
        networks: that are trained for it.
        member: the fitted member that it is already.
        reason: why there will be none.
    """

    name: str
    networks: tuple[PlannedNetwork, ...] = ()
    member: Member | None = None
    reason: str = ""


def lines_of(
    entrants: Sequence[Plan | Member | Refused],
    options: EnsembleOptions,
    data: Splits,
    store: Store,
    steering: tuple[str, ...],
) -> tuple[list[Line], HeldOut]:
    """Lay out all members of a run, in the order in which they will be ready, and the held-out images."""
    held_out = folds_of(data, options.folds, options.seed) if options.folds else validation_of(data)
    parts = without_each(held_out, data) if options.folds else []
    lines: list[Line] = []
    for entrant in entrants:
        if isinstance(entrant, Plan):
            lines += _of_plan(entrant, options, data, parts, held_out, store, steering)
        elif isinstance(entrant, Member):
            lines.append(Line(entrant.name, member=entrant))
        else:
            lines.append(Line(entrant.name, reason=entrant.reason))
    return lines, held_out


def _of_plan(
    plan: Plan,
    options: EnsembleOptions,
    data: Splits,
    parts: Sequence[Splits],
    held_out: HeldOut,
    store: Store,
    steering: tuple[str, ...],
) -> list[Line]:
    try:
        tasks = [replace(one.located(), steering=steering) for one in tasks_of(plan, options, parts, data)]
    except (OSError, ValueError) as error:
        return [Line(plan.name, reason=str(error))]
    check_cycles(tasks, options.snapshots)
    folds = [len(rows) for rows in held_out.parts] if parts else []
    lines, firsts, keys = [], tasks, [UNKNOWN] * len(tasks)
    for cycle in range(options.snapshots):
        if cycle:
            tasks = [next_cycle(task, cycle, key) for task, key in zip(tasks, keys, strict=True)]
        keys = [_key(task, store) for task in tasks]
        sizes = [*folds, *([0] * (len(tasks) - len(folds)))]
        networks = [
            PlannedNetwork(task, first, size, cycle, key != UNKNOWN and store.find(key) is not None)
            for task, first, key, size in zip(tasks, firsts, keys, sizes, strict=True)
        ]
        lines.append(Line(cycle_name(plan.name, cycle), tuple(networks)))
    return lines


def _key(task: Task, store: Store) -> str:
    """The key in the store; without reading all images to hash them where the store has no member at all."""
    return task.key() if store.members.is_dir() and task.start != UNKNOWN else UNKNOWN
