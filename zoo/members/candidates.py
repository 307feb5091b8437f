"""From plans and fitted members to those that can predict, and their predictions for images held out from training."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from zoo.data.images import Splits
from zoo.ensemble_options import EnsembleOptions
from zoo.members.averaging import average
from zoo.members.entrants import Refused
from zoo.members.held_out import HeldOut, folds_of, validation_of, without_each
from zoo.members.member import Member
from zoo.members.snapshots import cycle_name, run_cycles
from zoo.members.store import Store, adopt, in_turn
from zoo.members.task import Outcome, Task
from zoo.members.test_time_views import NO_VIEWS, Gain, check_symmetries, gain_of_views, viewed_key
from zoo.members.vetting import Doubt, doubt_of, not_finite
from zoo.models.plan import Plan
from zoo.models.pretrained import REMEDY, WeightsNotFoundError
from zoo.training.recipe import Recipe
from zoo.utils.hashing import short_hash

if TYPE_CHECKING:
    from zoo.members.parallel_training import Callbacks

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Candidate:
    """What may become a member of an ensemble, or the reason why it cannot.

    Attributes:
        name: the member's.
        held_out_keys: keys of the networks that predict the held-out images, one for each part of these.
        final_keys: keys of the networks whose mean is the member.
        reason: why there is none.
        gain: what test-time views changed.
        doubt: what is suspicious of it, though it takes part.
    """

    name: str
    held_out_keys: tuple[str, ...] = ()
    final_keys: tuple[str, ...] = ()
    reason: str = ""
    gain: Gain | None = None
    doubt: str = ""

    def key(self, store: Store) -> str:
        """The member's key in the store; of several networks their mean is made, or found."""
        if len(self.final_keys) == 1:
            return self.final_keys[0]
        key = f"mean-{short_hash(self.final_keys)}"
        if store.find(key) is None:
            store.keep(key, average([store.member(part) for part in self.final_keys], self.name))
        store.keep_speed(key, in_turn([store.find_speed(part) for part in self.final_keys]))
        return key


def find_candidates(
    entrants: Sequence[Plan | Member | Refused],
    options: EnsembleOptions,
    data: Splits,
    store: Store,
    callbacks: Callbacks = (),
) -> tuple[list[Candidate], HeldOut]:
    """Train the plans that the store lacks, and keep the fitted members as they are, once they have been asked.

    Returns:
        The candidates, in the order in which they entered, and the images that are held out from their training.

    Raises:
        ValueError: fitted members where there are folds, which they may have been trained on; options that do not fit.
        RuntimeError: every candidate failed; the message has the reasons.
    """
    _check(entrants, options, data)
    held_out = folds_of(data, options.folds, options.seed) if options.folds else validation_of(data)
    ready = {
        place: _ready(one, held_out, data, store) for place, one in enumerate(entrants) if not isinstance(one, Plan)
    }
    plans = [entrant for entrant in entrants if isinstance(entrant, Plan)]
    trained = iter(_train(plans, options, data, held_out, store, callbacks))
    lines = [[ready[place]] if place in ready else next(trained) for place in range(len(entrants))]
    viewed = [_with_views(one, options, held_out, store) for line in lines for one in line]
    found = [_finite(one, held_out, store) for one in viewed]
    _tell_of_twins(found)
    if all(one.reason for one in found):
        raise RuntimeError("\n".join(["Every member failed:", *_reasons(found)]))
    return found, held_out


def _tell_of_twins(found: Sequence[Candidate]) -> None:
    """Warn of members that are one network: they vote twice, and differ in nothing."""
    first: dict[tuple[str, ...], str] = {}
    for one in found:
        if not one.reason and (twin := first.setdefault(one.final_keys, one.name)) != one.name:
            logger.warning("%s is the same network as %s: give one another seed, or leave it out", one.name, twin)


def _reasons(failed: Sequence[Candidate]) -> list[str]:
    """A line for each, and what to do about weights that are missing once for all."""
    lacking = any(one.reason.startswith(WeightsNotFoundError.__name__) for one in failed)
    return [f"  {one.name}: {one.reason}" for one in failed] + ([REMEDY] if lacking else [])


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


def _ready(entrant: Member | Refused, held_out: HeldOut, data: Splits, store: Store) -> Candidate:
    """Keep a fitted member as it is, and ask it on the held-out images whether it can take part."""
    if isinstance(entrant, Refused):
        return Candidate(entrant.name, reason=entrant.reason)
    try:
        key = adopt(entrant, store)
        images = held_out.images
        doubt = doubt_of(entrant, store.logits(key, images, entrant), images, data)
    except Exception as error:  # code of the user's own, in a layer, may raise anything
        logger.debug("%s failed", entrant.name, exc_info=True)
        doubt = Doubt(str(error) if isinstance(error, ValueError) else f"{type(error).__name__}: {error}", refuses=True)
    if doubt.refuses:
        return _failed(Candidate(entrant.name), doubt.text)
    return Candidate(entrant.name, (key,), (key,), doubt=doubt.text)


def _finite(candidate: Candidate, held_out: HeldOut, store: Store) -> Candidate:
    """Refuse what predicts NaN or infinity, with which no rule can be fitted."""
    if candidate.reason:
        return candidate
    logits = held_out.logits(candidate.held_out_keys, store)
    return candidate if np.isfinite(logits).all() else _failed(candidate, not_finite(logits))


def _failed(candidate: Candidate, reason: str) -> Candidate:
    logger.warning("%s failed: %s", candidate.name, reason)
    return Candidate(candidate.name, reason=reason)


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


def _check(entrants: Sequence[Plan | Member | Refused], options: EnsembleOptions, data: Splits) -> None:
    if options.views != NO_VIEWS:
        check_symmetries(options.views, data.train.image_size)
    if options.refit and not options.folds:
        raise ValueError("Expected folds with refit; received none. Set folds=5, or leave refit out.")
    fitted = [entrant.name for entrant in entrants if isinstance(entrant, Member)]
    if options.folds and fitted:
        raise ValueError(
            f"Expected members that are yet to be trained, with {options.folds} folds; received fitted ones, "
            f"{', '.join(fitted)}, which may have been trained on these images. Leave folds out, and pass validation "
            "images that no member has seen."
        )
