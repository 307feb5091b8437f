"""Snapshots: several members from one training whose rate rises and falls in cycles.

After each cycle the network is in another good minimum; the best epoch of each is a member (Huang et al. 2017,
arXiv:1704.00109; warm restarts: Loshchilov and Hutter, arXiv:1608.03983).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from zoo.members.parallel_training import run
from zoo.members.store import Store
from zoo.members.task import Outcome, Task
from zoo.training.recipe import Recipe

if TYPE_CHECKING:
    from zoo.members.parallel_training import Callbacks

UNMADE = "the cycle before it failed"


def run_cycles(
    tasks: Sequence[Task], cycles: int, store: Store, *, processes: int = 1, callbacks: Callbacks = ()
) -> list[list[Outcome]]:
    """Train every task's network, then go on with it for another cycle, and so on; each cycle's is kept.

    Returns:
        For each cycle an outcome for each task.

    Raises:
        ValueError: fewer than one cycle, or a recipe without the fine-tuning that later cycles repeat.
    """
    check_cycles(tasks, cycles)
    alone = len(tasks) * cycles == 1
    waves = [run(tasks, store, processes=processes, callbacks=callbacks, alone=alone)]
    for cycle in range(1, cycles):
        before = waves[-1]
        going = [next_cycle(task, cycle, done.key) for task, done in zip(tasks, before, strict=True) if done.key]
        outcomes = iter(run(going, store, processes=processes, callbacks=callbacks, alone=alone))
        waves.append([next(outcomes) if done.key else Outcome(reason=UNMADE) for done in before])
    return waves


def next_cycle(task: Task, cycle: int, start: str) -> Task:
    """The same training from another start: no head by itself, and other draws of order and augmentation."""
    own = task.plan.seed if task.recipe.seed is None else task.recipe.seed
    seed = int(np.random.SeedSequence([own, cycle]).generate_state(1)[0])
    plan = replace(task.plan, name=cycle_name(task.plan.name, cycle))
    recipe = replace(task.recipe, head_epochs=0, head_solver=Recipe.head_solver, seed=seed)
    return replace(task, plan=plan, recipe=recipe, start=start)


def cycle_name(name: str, cycle: int) -> str:
    """The first cycle's member has the plan's name, the others a number behind it."""
    return name if cycle == 0 else f"{name}_cycle_{cycle + 1}"


def check_cycles(tasks: Sequence[Task], cycles: int) -> None:
    """Check that there are cycles, and in each of them something to train.

    Raises:
        ValueError: fewer than one, or a recipe without fine-tuning for several.
    """
    if cycles < 1:
        raise ValueError(f"Expected snapshots of 1 or more; received {cycles}.")
    recipes: list[Recipe] = [task.recipe for task in tasks]
    if cycles > 1 and any(recipe.adapt == "probe" for recipe in recipes):
        raise ValueError(
            f"Expected members that are fine-tuned for {cycles} snapshots; received a probe (adapt='probe'), which "
            "trains nothing in cycles. Leave snapshots out, or the probes."
        )
    if cycles > 1 and any(recipe.epochs == 0 for recipe in recipes):
        raise ValueError(f"Expected a recipe with epochs of fine-tuning for {cycles} snapshots; received epochs=0.")
