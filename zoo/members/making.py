"""Making members of plans: one network each, or one a fold, or one a cycle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from zoo.data.images import Splits
from zoo.members.held_out import HeldOut, without_each
from zoo.members.jobs import Outcome, Task, run
from zoo.members.store import Store
from zoo.members.test_time_views import Gain
from zoo.models.spec import Plan
from zoo.training.recipe import Recipe

if TYPE_CHECKING:
    import keras


NO_VIEWS = "none"


@dataclass(frozen=True, kw_only=True)
class Making:
    """How members are made of plans.

    Attributes:
        recipe: how each network is trained.
        folds: networks a member, each trained without one fold of the training images; 0 for one network, which leaves
            the validation images out.
        refit: with folds, one more network, trained on all folds, is the member, in place of their mean.
        snapshots: members a plan, from one training in so many cycles.
        views: over which symmetries a member answers where that helps, or ``none``.
        processes: networks to train at a time.
        seed: of the folds.
    """

    recipe: Recipe
    folds: int = 0
    refit: bool = False
    snapshots: int = 1
    views: str = NO_VIEWS
    processes: int = 1
    seed: int = 0


@dataclass(frozen=True)
class Made:
    """A member, or the reason why there is none.

    Attributes:
        name: the member's.
        asked: keys of the networks that answer the held-out images, one for each part.
        final: keys of those whose mean is the member.
        reason: why there is none.
        gain: what views changed.
    """

    name: str
    asked: tuple[str, ...] = ()
    final: tuple[str, ...] = ()
    reason: str = ""
    gain: Gain | None = None


def make(
    plans: Sequence[Plan],
    making: Making,
    data: Splits,
    held_out: HeldOut,
    store: Store,
    callbacks: Sequence[keras.callbacks.Callback],
) -> list[list[Made]]:
    """For each plan a member, or one for each snapshot."""
    parts = without_each(held_out, data) if making.folds else []
    lines = [_tasks(plan, making, parts, data) for plan in plans]
    tasks = [task for line in lines for task in line]
    waves = run_cycles(tasks, making.snapshots, store, processes=making.processes, callbacks=callbacks)
    ends = np.cumsum([0, *map(len, lines)])
    return [
        [_made(cycle_name(plan.name, cycle), wave[start:end], len(parts)) for cycle, wave in enumerate(waves)]
        for plan, start, end in zip(plans, ends[:-1], ends[1:], strict=True)
    ]


def _tasks(plan: Plan, making: Making, parts: Sequence[Splits], data: Splits) -> list[Task]:
    """A network for each fold, and one for all images where that is wanted, or where there are no folds."""
    whole = [Task(plan, making.recipe, data)] if making.refit or not parts else []
    named = [replace(plan, name=f"{plan.name}_fold_{number}") for number in range(1, len(parts) + 1)]
    return [*(Task(own, making.recipe, part) for own, part in zip(named, parts, strict=True)), *whole]


def _made(name: str, outcomes: Sequence[Outcome], folds: int) -> Made:
    """Make one member of a plan's outcomes, those of the folds first."""
    reasons = [outcome.reason for outcome in outcomes if outcome.reason]
    if reasons:
        return Made(name, reason=reasons[0])
    keys = tuple(outcome.key for outcome in outcomes)
    return Made(name, asked=keys[:folds] or keys, final=keys[folds:] or keys)


UNMADE = "the cycle before it failed"


def run_cycles(
    tasks: Sequence[Task],
    cycles: int,
    store: Store,
    *,
    processes: int = 1,
    callbacks: Sequence[keras.callbacks.Callback] = (),
) -> list[list[Outcome]]:
    """Train every task's network, then go on with it for another cycle, and so on; each cycle's is kept.

    Returns:
        For each cycle an outcome for each task.

    Raises:
        ValueError: fewer than one cycle, or a recipe without the fine-tuning that later cycles repeat.
    """
    _check(tasks, cycles)
    waves = [run(tasks, store, processes=processes, callbacks=callbacks)]
    for cycle in range(1, cycles):
        before = waves[-1]
        going = [next_cycle(task, cycle, made.key) for task, made in zip(tasks, before, strict=True) if made.key]
        outcomes = iter(run(going, store, processes=processes, callbacks=callbacks))
        waves.append([next(outcomes) if made.key else Outcome(reason=UNMADE) for made in before])
    return waves


def next_cycle(task: Task, cycle: int, start: str) -> Task:
    """The same training from another start: no head by itself, and other draws of order and augmentation."""
    own = task.plan.seed if task.recipe.seed is None else task.recipe.seed
    seed = int(np.random.SeedSequence([own, cycle]).generate_state(1)[0])
    plan = replace(task.plan, name=cycle_name(task.plan.name, cycle))
    return replace(task, plan=plan, recipe=replace(task.recipe, head_epochs=0, seed=seed), start=start)


def cycle_name(name: str, cycle: int) -> str:
    """The first cycle's member has the plan's name, the others a number behind it."""
    return name if cycle == 0 else f"{name}_cycle_{cycle + 1}"


def _check(tasks: Sequence[Task], cycles: int) -> None:
    if cycles < 1:
        raise ValueError(f"Expected snapshots of 1 or more; received {cycles}.")
    recipes: list[Recipe] = [task.recipe for task in tasks]
    if cycles > 1 and any(recipe.epochs == 0 for recipe in recipes):
        raise ValueError(f"Expected a recipe with epochs of fine-tuning for {cycles} snapshots; received epochs=0.")
