"""From plans and fitted members to those that can predict, and their predictions for images held out from training."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from zoo.data.images import Splits
from zoo.ensemble_options import EnsembleOptions
from zoo.members.asking import Asked, ask, check_some
from zoo.members.candidate import Candidate
from zoo.members.entrants import Refused
from zoo.members.held_out import HeldOut, without_each
from zoo.members.member import Member
from zoo.members.snapshots import cycle_name, run_cycles
from zoo.members.store import Store
from zoo.members.task import Outcome, Task
from zoo.members.test_time_views import NO_VIEWS, gain_of_views, viewed_key
from zoo.members.vetting import not_finite
from zoo.models.plan import Plan
from zoo.training.recipe import Recipe

if TYPE_CHECKING:
    from zoo.members.parallel_training import Callbacks

logger = logging.getLogger(__name__)


def find_candidates(
    entrants: Sequence[Plan | Member | Refused],
    options: EnsembleOptions,
    data: Splits,
    store: Store,
    callbacks: Callbacks = (),
    asked: Asked | None = None,
) -> tuple[list[Candidate], HeldOut]:
    """Train the plans that the store lacks, and keep the fitted members as they are, once they have been asked.

    Args:
        entrants: as :func:`zoo.members.entrants.enter` makes them.
        options: of the ensemble.
        data: images to train on and to validate with.
        store: keeps members and logits.
        callbacks: the user's.
        asked: what :func:`zoo.members.asking.ask` found with this store; by default it is asked now.

    Returns:
        The candidates, in the order in which they entered, and the images that are held out from their training.

    Raises:
        ValueError: fitted members where there are folds, which they may have been trained on; options that do not fit.
        RuntimeError: every candidate failed; the message has the reasons.
    """
    asked = asked or ask(entrants, options, data, store)
    held_out, ready = asked.held_out, asked.ready
    plans = [entrant for entrant in entrants if isinstance(entrant, Plan)]
    trained = iter(_train(plans, options, data, held_out, store, callbacks))
    lines = [[ready[place]] if place in ready else next(trained) for place in range(len(entrants))]
    viewed = [_with_views(one, options, held_out, store) for line in lines for one in line]
    found = [_finite(one, held_out, store) for one in viewed]
    _tell_of_twins(found)
    check_some({one.name: one.reason for one in found})
    return found, held_out


def _tell_of_twins(found: Sequence[Candidate]) -> None:
    """Warn of members that are one network: they vote twice, and differ in nothing."""
    first: dict[tuple[str, ...], str] = {}
    for one in found:
        if not one.reason and (twin := first.setdefault(one.final_keys, one.name)) != one.name:
            logger.warning("%s is the same network as %s: give one another seed, or leave it out", one.name, twin)


def _train(
    plans: Sequence[Plan],
    options: EnsembleOptions,
    data: Splits,
    held_out: HeldOut,
    store: Store,
    callbacks: Callbacks,
) -> list[list[Candidate]]:
    """For each plan a candidate, or one for each snapshot."""
    parts = without_each(held_out, data) if options.folds else []
    lines = [tasks_of(plan, options, parts, data) for plan in plans]
    tasks = [task for line in lines for task in line]
    waves = run_cycles(tasks, options.snapshots, store, processes=options.jobs, callbacks=callbacks)
    ends = np.cumsum([0, *map(len, lines)])
    return [
        [_of(cycle_name(plan.name, cycle), wave[start:end], len(parts)) for cycle, wave in enumerate(waves)]
        for plan, (start, end) in zip(plans, pairwise(ends), strict=True)
    ]


def tasks_of(plan: Plan, options: EnsembleOptions, parts: Sequence[Splits], data: Splits) -> list[Task]:
    """A network for each fold, and one for all images where that is wanted, or where there are no folds."""
    recipe = (options.recipe or Recipe()).adapted(plan.adapt)
    whole = [Task(plan, recipe, data)] if options.refit or not parts else []
    named = [replace(plan, name=f"{plan.name}_fold_{number}") for number in range(1, len(parts) + 1)]
    return [*(Task(own, recipe, part) for own, part in zip(named, parts, strict=True)), *whole]


def _of(name: str, outcomes: Sequence[Outcome], folds: int) -> Candidate:
    """One candidate of a plan's outcomes, those of the folds first."""
    reasons = [outcome.reason for outcome in outcomes if outcome.reason]
    if reasons:
        return Candidate(name, reason=reasons[0])
    keys = tuple(outcome.key for outcome in outcomes)
    return Candidate(name, held_out_keys=keys[:folds] or keys, final_keys=keys[folds:] or keys)


def _finite(candidate: Candidate, held_out: HeldOut, store: Store) -> Candidate:
    """Refuse what predicts NaN or infinity, with which no rule can be fitted."""
    if candidate.reason:
        return candidate
    logits = held_out.logits(candidate.held_out_keys, store)
    return candidate if np.isfinite(logits).all() else Candidate.failed(candidate.name, not_finite(logits))


def _with_views(candidate: Candidate, options: EnsembleOptions, held_out: HeldOut, store: Store) -> Candidate:
    """The same member over test-time views, if they help."""
    if options.views == NO_VIEWS or candidate.reason:
        return candidate
    keys = {key: viewed_key(key, options.views, store) for key in (*candidate.held_out_keys, *candidate.final_keys)}
    viewed = replace(
        candidate,
        held_out_keys=tuple(keys[key] for key in candidate.held_out_keys),
        final_keys=tuple(keys[key] for key in candidate.final_keys),
    )
    gain = gain_of_views(candidate.held_out_keys, viewed.held_out_keys, held_out, store, seed=options.seed)
    logger.info("%s, views %s: %s", candidate.name, options.views, gain)
    return replace(viewed if gain.helps else candidate, gain=gain)
