"""Fit by a preset, within a time limit: first what is soon usable, then what is better, while time is left."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

import ensembles
from zoo.data.images import Splits
from zoo.ensemble.fitting import fit_state
from zoo.ensemble.improvement import is_better, summary
from zoo.ensemble_options import PRESET, EnsembleOptions
from zoo.members.entrants import defaults_of, enter
from zoo.members.store import Store
from zoo.models.plan import Plan
from zoo.planning.budget import Budget, Seconds, shorten, sketch
from zoo.planning.machine import look_around
from zoo.planning.measuring import Speeds
from zoo.planning.planner import forecast_of, measuring_seconds
from zoo.planning.preset_choice import Choice
from zoo.planning.presets import choose
from zoo.planning.weights_at_hand import WeightsAtHand
from zoo.training.deadline import TIME_UP, Deadline
from zoo.utils.files import folder_or_scratch
from zoo.utils.text import duration, seconds_of

if TYPE_CHECKING:
    import keras

    from zoo.members.entrants import Entrant
    from zoo.planning.forecast import Forecast
    from zoo.planning.watching import Shown
    from zoo.state.state import EnsembleState

    Fit: TypeAlias = Callable[..., EnsembleState]

logger = logging.getLogger(__name__)

GUESSED_WITHIN = 2  # times: how far one network's guess may be off, by how far that of another one is
CAREFUL = 3  # times a guess is planned for where nothing is measured
WORTH = 4  # a part of it is measured if it takes at least so many times as long as its measurement


def fit_states(
    options: EnsembleOptions,
    members: Sequence[Entrant],
    folder: str | Path | None,
    data: Splits,
    labels: np.ndarray | None,
    unfitted: Mapping[str, ensembles.Rule],
    callbacks: Sequence[keras.callbacks.Callback],
    show: Shown | None,
    *,
    begun: float,
) -> Iterator[tuple[Choice | None, EnsembleState]]:
    """Fit the members, or what the preset chooses, or within a limit one ensemble after another, each better.

    Args:
        options: of the ensemble, with its preset and its time limit.
        members: the user's; none for the preset's.
        folder: as of :func:`zoo.ensemble.fitting.fit_state`, like the next four.
        data: images to train on and to validate with.
        labels: the user's.
        unfitted: the rules.
        callbacks: the user's.
        show: shows forecasts and bars.
        begun: when the limit began, of :func:`time.monotonic`.

    Yields:
        What was chosen, None without a preset, and the state, as soon as it is there.

    Raises:
        TypeError: with a preset or a limit members that are fitted already, for which there is nothing to choose.
    """
    store = Store(folder_or_scratch(folder))

    def fit(own: EnsembleOptions, entrants: Sequence[Entrant], *more: keras.callbacks.Callback) -> EnsembleState:
        shown = show if options.time_limit is None else None
        return fit_state(own, entrants, store.root, data, labels, unfitted, [*callbacks, *more], shown)

    if options.preset is None and options.time_limit is None:
        yield None, fit(options, members)
        return
    choice = _chosen(options, members, data, store)
    if options.time_limit is None:
        yield choice, fit(choice.over(options), choice.plans)
        return
    budget = Budget(seconds_of(options.time_limit), monotonic() - begun)
    if show:
        show.count_down(budget)
    steps = _steps(choice, _forecaster(options, data, store), budget)
    yield from _improving(options, steps, budget, fit)


def foreseen(
    options: EnsembleOptions, members: Sequence[Entrant], folder: str | Path | None, data: Splits
) -> tuple[EnsembleOptions, Sequence[Entrant]]:
    """Options and members of the last ensemble that :func:`fit_states` is expected to fit."""
    if options.preset is None and options.time_limit is None:
        return options, members
    store = Store(folder_or_scratch(None) if folder is None else folder)
    choice = _chosen(options, members, data, store)
    if options.time_limit is not None:
        seconds, limit = _forecaster(options, data, store), seconds_of(options.time_limit)
        first = sketch(choice, seconds, limit) or choice.of(1)
        left = Budget(limit, seconds(first)).left
        choice = _further(choice, seconds, lambda: left) or first
    return choice.over(options), choice.plans


def _chosen(options: EnsembleOptions, members: Sequence[Entrant], data: Splits, store: Store) -> Choice:
    at_hand = WeightsAtHand(options.weights, options.weights_dir).first
    own = _own(members, options, data)
    choice = choose(options.preset or PRESET, data, options, look_around(store.root), at_hand, own)
    logger.info("%s", choice.why)
    return choice


def _own(members: Sequence[Entrant], options: EnsembleOptions, data: Splits) -> list[Plan]:
    entered = enter(members, defaults_of(options), data.train) if len(members) else []
    fitted = [one.name for one in entered if not isinstance(one, Plan)]
    if fitted:
        raise TypeError(
            f"Expected members to train with preset or time_limit (zoo: --preset, --time); received fitted ones, "
            f"{', '.join(fitted)}. Leave them out, or leave preset and time_limit out."
        )
    return [one for one in entered if isinstance(one, Plan)]


def _improving(
    options: EnsembleOptions, steps: Iterator[Choice], budget: Budget, fit: Fit
) -> Iterator[tuple[Choice, EnsembleState]]:
    """Fit step by step, and go on from what is better; after the first one until the time is up.

    A training that the limit ends gives its best epoch, or, where it has none, ends the run.
    """
    best: EnsembleState | None = None
    for part in steps:
        more = [] if best is None else [Deadline(budget.left)]
        try:
            state = fit(part.over(options), part.plans, *more)
        except RuntimeError as error:
            if best is None:
                raise
            why = TIME_UP if TIME_UP in str(error) else str(error)
            logger.info("%s: the ensemble of before is kept", why)
            return
        if any(TIME_UP in reason for reason in state.failures.values()):
            return
        if best is None or is_better(state, best):
            best = state
            logger.info("after %s: %s", duration(budget.passed), summary(state))
            yield part, state


def _steps(choice: Choice, seconds: Seconds, budget: Budget) -> Iterator[Choice]:
    """What to fit next, as long as it is expected to end in time."""
    first = sketch(choice, seconds, budget.limit)
    if first is not None:
        yield first
    whole = _further(choice, seconds, lambda: budget.left)
    if whole is None and not choice.tunes:
        return
    if whole is None:
        if first is None:
            yield choice.of(1).plain().with_recipe(epochs=1)
        logger.info("no time for more: %s are left", duration(max(budget.left, 0)))
        return
    for members in range(1, len(whole.plans) + 1):
        part = whole.of(members)
        if members > 1 and seconds(part) > budget.left:
            logger.info("no time for member %d of %d", members, len(whole.plans))
            return
        yield part


def _further(choice: Choice, seconds: Seconds, left: Callable[[], float]) -> Choice | None:
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


def _forecaster(options: EnsembleOptions, data: Splits, store: Store) -> Seconds:
    """Say what a part of a choice will take; each kind of network is measured, or guessed, once.

    A part that takes hardly longer than its measurement is guessed, with care.
    """
    speeds, guesses = Speeds(), Speeds()

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
