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
from zoo.ensemble.steps import chosen, forecaster, steps
from zoo.ensemble_options import EnsembleOptions
from zoo.members.store import Store
from zoo.planning.budget import Budget
from zoo.planning.preset_choice import Choice
from zoo.training.deadline import TIME_UP, Deadline
from zoo.utils.files import folder_or_scratch
from zoo.utils.text import duration, seconds_of

if TYPE_CHECKING:
    import keras

    from zoo.members.entrants import Entrant
    from zoo.planning.watching import Shown
    from zoo.state.state import EnsembleState

    Fit: TypeAlias = Callable[..., EnsembleState]

logger = logging.getLogger(__name__)


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
        limited = options.time_limit is not None
        shown = None if limited else show
        return fit_state(own, entrants, store.root, data, labels, unfitted, [*callbacks, *more], shown, limited=limited)

    if options.preset is None and options.time_limit is None:
        yield None, fit(options, members)
        return
    choice = chosen(options, members, data, store)
    if options.time_limit is None:
        yield choice, fit(choice.over(options), choice.plans)
        return
    budget = Budget(seconds_of(options.time_limit), monotonic() - begun)
    if show:
        show.count_down(budget)
    coming = steps(choice, forecaster(options, data, store), budget)
    yield from _improving(options, coming, budget, fit)


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
