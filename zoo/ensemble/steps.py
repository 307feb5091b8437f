"""What is fitted by a preset, or step by step within a time limit: first what is soon usable, then what is better."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from zoo.data.images import Splits
from zoo.ensemble_options import PRESET, EnsembleOptions
from zoo.members.entrants import defaults_of, enter
from zoo.members.first_look import check_to_train
from zoo.members.store import Store
from zoo.models.plan import Plan
from zoo.planning.budget import Budget, Seconds, shorten, sketch
from zoo.planning.machine import look_around
from zoo.planning.measuring import Speeds
from zoo.planning.planner import forecast_of, measuring_seconds
from zoo.planning.preset_choice import Choice
from zoo.planning.presets import choose
from zoo.planning.weights_at_hand import WeightsAtHand
from zoo.utils.text import duration

if TYPE_CHECKING:
    from zoo.members.entrants import Entrant
    from zoo.planning.forecast import Forecast

logger = logging.getLogger(__name__)

GUESSED_WITHIN = 2  # times: how far one network's guess may be off, by how far that of another one is
CAREFUL = 3  # times a guess is planned for where nothing is measured
WORTH = 4  # a part of it is measured if it takes at least so many times as long as its measurement


def chosen(options: EnsembleOptions, members: Sequence[Entrant], data: Splits, store: Store) -> Choice:
    """What the preset chooses, with the user's members where there are some; it is logged."""
    at_hand = WeightsAtHand(options.weights, options.weights_dir).first
    own = _own(members, options, data)
    choice = choose(options.preset or PRESET, data, options, look_around(store.root), at_hand, own)
    logger.info("%s", choice.why)
    return choice


def _own(members: Sequence[Entrant], options: EnsembleOptions, data: Splits) -> list[Plan]:
    entered = enter(members, defaults_of(options), data.train) if len(members) else []
    fitted = [one.name for one in entered if not isinstance(one, Plan)]
    check_to_train(fitted, options)
    return [one for one in entered if isinstance(one, Plan)]


def steps(choice: Choice, seconds: Seconds, budget: Budget) -> Iterator[Choice]:
    """What to fit next, as long as it is expected to end in time."""
    first = sketch(choice, seconds, budget.limit)
    if first is not None:
        yield first
    whole = further(choice, seconds, lambda: budget.left)
    if whole is None:
        if first is None:
            yield least(choice)
        if choice.tunes:
            logger.info("no time for more: %s are left", duration(max(budget.left, 0)))
        return
    for members in range(1, len(whole.plans) + 1):
        part = whole.of(members)
        if members > 1 and seconds(part) > budget.left:
            logger.info("no time for member %d of %d", members, len(whole.plans))
            return
        yield part


def least(choice: Choice) -> Choice:
    """What is fitted though it may take longer than the limit, as there has to be something: one member, one epoch."""
    one = choice.of(1).plain()
    return one.with_recipe(epochs=1) if choice.tunes else one


def further(choice: Choice, seconds: Seconds, left: Callable[[], float]) -> Choice | None:
    """What can follow the first ensemble: all probes, which have no epochs to shorten, or as much tuning as fits."""
    if choice.recipe.adapt == "probe":
        return choice
    if not choice.tunes:
        return None
    return shorten(choice, seconds, left()) or _stand_in(choice, seconds, left)


def _stand_in(choice: Choice, seconds: Seconds, left: Callable[[], float]) -> Choice | None:
    """A network that trains faster than the first one, or whose head alone is solved.

    Those that are much too slow by a guess are not measured.
    """
    if not choice.swift:
        return None
    first = _one_epoch(choice)
    slower = seconds(first) / seconds(first, measured=False)  # than a guess, on this machine as it is
    logger.info("no epoch of %s fits into the time that is left", first.plans[0].backbone)
    for one in choice.stand_ins:
        if slower * seconds(_one_epoch(one), measured=False) > GUESSED_WITHIN * left():
            continue
        part = shorten(one, seconds, left())
        if part is not None:
            return part
    heads = [one.with_recipe(epochs=0) for one in choice.stand_ins if choice.recipe.head_solver == "lbfgs"]
    return next((one for one in heads if slower * seconds(one, measured=False) <= left()), None)


def _one_epoch(choice: Choice) -> Choice:
    return choice.of(1).with_recipe(epochs=1)


def forecaster(options: EnsembleOptions, data: Splits, store: Store, speeds: Speeds | None = None) -> Seconds:
    """Say what a part of a choice will take; each kind of network is measured, or guessed, once.

    A part that takes hardly longer than its measurement is guessed, with care. ``speeds`` remembers what is measured.
    """
    speeds, guesses = speeds or Speeds(), Speeds()

    def forecast(part: Choice, known: Speeds, *, measure: bool) -> Forecast:
        own = enter(part.plans, defaults_of(options), data.train)
        return forecast_of(own, part.over(options), data, store, speeds=known, measure=measure)

    def seconds(part: Choice, *, measured: bool = True) -> float:
        if not measured:
            return forecast(part, guesses, measure=False).total
        rough = forecast(part, speeds, measure=False)  # by what was measured, where it was
        if rough.total < WORTH * measuring_seconds(rough):
            return CAREFUL * rough.total
        return forecast(part, speeds, measure=True).total

    return seconds
