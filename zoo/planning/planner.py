"""From members, options and images to the forecast of a run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from zoo.data.images import Splits
from zoo.ensemble_options import EnsembleOptions
from zoo.members.entrants import Refused
from zoo.members.member import Member
from zoo.members.parallel_training import steering_of
from zoo.members.store import Store
from zoo.members.task import Task
from zoo.models.plan import Plan
from zoo.planning.forecast import Forecast
from zoo.planning.machine import look_around
from zoo.planning.measuring import SECONDS, Speeds
from zoo.planning.run_cost import SpeedOf, Sum
from zoo.planning.run_networks import lines_of
from zoo.planning.speed import Speed

if TYPE_CHECKING:
    from zoo.members.parallel_training import Callbacks

WORTH = 20  # a run is measured if it takes at least so many times as long as its measurement


def forecast_of(
    entrants: Sequence[Plan | Member | Refused],
    options: EnsembleOptions,
    data: Splits,
    store: Store,
    *,
    speeds: Speeds | None = None,
    measure: bool | None = None,
    callbacks: Callbacks = (),
) -> Forecast:
    """Forecast a run; nothing of it is trained, and nothing is written to the store.

    Args:
        entrants: complete plans and fitted members, as :func:`zoo.members.entrants.enter` makes them.
        options: of the ensemble: recipe, folds, refit, snapshots, views, jobs.
        data: images to train on and to validate with.
        store: where members lie already.
        speeds: remembers what is measured; pass one object to several forecasts.
        measure: True measures every kind of plan that is yet to be trained, some seconds each; False guesses; None
            measures where the run is so long that this is a few percent of it.
        callbacks: the user's; members are kept under those that may steer.

    Raises:
        ValueError: folds or snapshots that do not fit the images or the recipe.
    """
    speeds, machine = speeds or Speeds(), look_around(store.root)
    lines, held_out = lines_of(entrants, options, data, store, steering_of(callbacks))

    def guessed(task: Task) -> Speed:
        return speeds.guessed(task.plan, task.recipe, data, machine)

    def measured(task: Task) -> Speed:
        return speeds.measured(task.plan, task.recipe, data)

    def add_up(speed_of: SpeedOf) -> Forecast:
        return Sum(lines, held_out, options, speed_of).forecast(machine)

    if measure is None:
        rough = add_up(guessed)
        measure = rough.total > WORTH * measuring_seconds(rough)
    return add_up(measured if measure else guessed)


def measuring_seconds(rough: Forecast) -> float:
    """About how long it takes to measure all kinds of plans of a forecast, beyond what is remembered."""
    kinds = {id(one.speed): one.speed for one in rough.members if one.speed and not one.speed.measured}
    return sum(_seconds_of(speed) for speed in kinds.values())


def _seconds_of(speed: Speed) -> float:
    return 2 * speed.build + speed.compile + sum(phase.start + 2 * SECONDS for phase in speed.phases.values())
