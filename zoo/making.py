"""Making members of plans: one network each, or one a fold, or one a cycle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from zoo.data.images import Splits
from zoo.kfold import HeldOut, without_each
from zoo.plan import Plan
from zoo.recipe import Recipe
from zoo.running import Outcome, Task
from zoo.snapshots import cycle_name, run_cycles
from zoo.store import Store
from zoo.viewing import Gain

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
    whole = [data] if making.refit or not making.folds else []
    tasks = [
        Task(replace(plan, name=f"{plan.name}_fold_{number}"), making.recipe, part)
        for plan in plans
        for number, part in enumerate(parts, start=1)
    ]
    tasks += [Task(plan, making.recipe, part) for plan in plans for part in whole]
    waves = run_cycles(tasks, making.snapshots, store, processes=making.processes, callbacks=callbacks)
    return [
        [_made(cycle_name(plan.name, cycle), place, len(plans), len(parts), wave) for cycle, wave in enumerate(waves)]
        for place, plan in enumerate(plans)
    ]


def _made(name: str, place: int, plans: int, folds: int, outcomes: Sequence[Outcome]) -> Made:
    """Pick a plan's outcomes: first all folds of all plans, then all whole ones."""
    of_folds, of_whole = outcomes[place * folds : (place + 1) * folds], outcomes[plans * folds :]
    own = [*of_folds, *of_whole[place : place + 1]]
    reasons = [outcome.reason for outcome in own if outcome.reason]
    if reasons:
        return Made(name, reason=reasons[0])
    asked = tuple(outcome.key for outcome in (of_folds or own))
    return Made(name, asked, tuple(outcome.key for outcome in own[folds:]) or asked)
