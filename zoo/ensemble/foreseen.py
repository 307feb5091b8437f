"""What a fit by a preset, or within a time limit, is expected to end with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ensembles
from zoo.data.images import Splits
from zoo.ensemble.fitting import plan_run
from zoo.ensemble.steps import chosen, forecaster, further, least
from zoo.ensemble_options import EnsembleOptions
from zoo.members.store import Store
from zoo.planning.budget import Budget, Seconds, sketch
from zoo.planning.measuring import Speeds
from zoo.planning.preset_choice import Choice
from zoo.utils.files import folder_or_scratch
from zoo.utils.text import count_of, duration, seconds_of

if TYPE_CHECKING:
    import keras

    from zoo.members.entrants import Entrant
    from zoo.planning.forecast import Forecast


@dataclass(frozen=True)
class Foreseen:
    """The last ensemble that will be fitted.

    Attributes:
        options: of it.
        members: likewise.
        within: what fits into the time limit, in words; "" without one.
        speeds: that were measured to find it.
    """

    options: EnsembleOptions
    members: Sequence[Entrant]
    within: str = ""
    speeds: Speeds = field(default_factory=Speeds)


def planned(
    options: EnsembleOptions,
    members: Sequence[Entrant],
    folder: str | Path | None,
    data: Splits,
    unfitted: Mapping[str, ensembles.Rule],
    callbacks: Sequence[keras.callbacks.Callback],
    *,
    measure: bool | None,
    spent: float = 0.0,
) -> Forecast:
    """Forecast the last ensemble, and say what fits into the limit; see :meth:`zoo.Ensemble.plan`.

    Args:
        options: as of :func:`foreseen`, like the next three.
        members: the user's.
        folder: of the store.
        data: images to train on and to validate with.
        unfitted: the rules, by name.
        callbacks: the user's.
        measure: as of :meth:`zoo.Ensemble.plan`.
        spent: seconds of the limit that have passed.
    """
    last = foreseen(options, members, folder, data, spent=spent)
    parts, limited = (data, unfitted, callbacks), options.time_limit is not None
    how: dict[str, Any] = {"measure": measure, "limited": limited, "speeds": last.speeds}
    forecast = plan_run(last.options, last.members, folder, *parts, **how)
    return replace(forecast, within=last.within)


def foreseen(
    options: EnsembleOptions, members: Sequence[Entrant], folder: str | Path | None, data: Splits, *, spent: float = 0.0
) -> Foreseen:
    """Find what :func:`zoo.ensemble.within_time.fit_states` will fit last.

    Args:
        options: of the ensemble, with its preset and its time limit.
        members: the user's; none for the preset's.
        folder: of the store; None for one that goes with the process.
        data: images to train on and to validate with.
        spent: seconds of the limit that have passed.
    """
    if options.preset is None and options.time_limit is None:
        return Foreseen(options, members)
    store = Store(folder_or_scratch(None) if folder is None else folder)
    choice = chosen(options, members, data, store)
    if options.time_limit is None:
        return Foreseen(choice.over(options), choice.plans)
    budget, speeds = Budget(seconds_of(options.time_limit), spent), Speeds()
    seconds = forecaster(options, data, store, speeds)
    first = sketch(choice, seconds, budget.limit)
    taken = 0.0 if first is None else seconds(first)
    last = _last(choice, first, seconds, budget.left - taken)
    within = _within(choice, first, last, seconds, budget.limit)
    return Foreseen(last.over(options), last.plans, within, speeds)


def _last(choice: Choice, first: Choice | None, seconds: Seconds, left: float) -> Choice:
    """The last step for which there is time after the first one, or else the first one, or what is fitted anyway."""
    whole = further(choice, seconds, lambda: left)
    if whole is None:
        return first or least(choice)
    parts = (whole.of(members) for members in range(len(whole.plans), 1, -1))
    return next((part for part in parts if seconds(part) <= left), whole.of(1))


def _within(choice: Choice, first: Choice | None, last: Choice, seconds: Seconds, limit: float) -> str:
    """Say what fits: the first usable ensemble, and how much of what was wanted the last one has."""
    begun, soon = f"time limit {duration(limit)}: ", first or last
    if (takes := seconds(soon)) > limit:
        return f"{begun}too short for {_called(soon)}, which takes about {duration(takes)} and is fitted all the same"
    sketched = "" if first is None else f"{_called(first)} after about {duration(takes)}, "
    if last is first:
        return f"{begun}{sketched}and no time for more"
    members = f"{len(last.plans)} of {count_of(len(choice.plans), 'member')}"
    epochs = f", {last.recipe.epochs} of {count_of(choice.recipe.epochs, 'epoch')}" if last.tunes else ""
    return f"{begun}{sketched}then this plan: {members}{epochs}"


def _called(first: Choice) -> str:
    """Name the first ensemble, one member, and how it is trained."""
    name, epochs = first.plans[0].backbone, first.recipe.epochs
    trains = epochs and first.recipe.adapt != "probe"
    return f"{name} with {count_of(epochs, 'epoch')}" if trains else f"the head of {name}"
