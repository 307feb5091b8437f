"""Who can answer, and who cannot: the store's members for what entered an ensemble."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from zoo.data.images import Splits
from zoo.members.combined import average
from zoo.members.held_out import HeldOut, folds_of, validation_of
from zoo.members.making import NO_VIEWS, Made, Making, make
from zoo.members.member import Member
from zoo.members.store import Store, adopted_key
from zoo.members.test_time_views import Gain, check_symmetries, gain_of_views, viewed_key
from zoo.models.spec import Plan
from zoo.utils.hashing import short_hash

if TYPE_CHECKING:
    import keras

logger = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Gathered:
    """Who can answer, and who cannot.

    Attributes:
        members: those that can, in the order in which they entered.
        keys: their keys in the store.
        failures: by name, the reason of each that cannot.
        held_out: images that no network that answered them has learned from.
        logits: their logits for these, ``(members, N, classes)`` float32.
        gains: by name, what views changed.
    """

    members: list[Member]
    keys: list[str]
    failures: dict[str, str]
    held_out: HeldOut
    logits: np.ndarray
    gains: dict[str, Gain]


def gather(
    entrants: Sequence[Plan | Member],
    making: Making,
    data: Splits,
    store: Store,
    *,
    callbacks: Sequence[keras.callbacks.Callback] = (),
) -> Gathered:
    """Train the plans that the store lacks, and keep the fitted members as they are.

    Raises:
        ValueError: fitted members where there are folds, which they may have learned from; options that do not fit.
        RuntimeError: nobody can answer; the message has the reasons.
    """
    _check(entrants, making, data)
    held_out = folds_of(data, making.folds, making.seed) if making.folds else validation_of(data)
    plans = [entrant for entrant in entrants if isinstance(entrant, Plan)]
    trained = iter(make(plans, making, data, held_out, store, callbacks))
    lines = [next(trained) if isinstance(entrant, Plan) else [_keep(entrant, store)] for entrant in entrants]
    made = [one for line in lines for one in line]
    failures = {one.name: one.reason for one in made if one.reason}
    if len(failures) == len(made):
        raise RuntimeError("Every member failed:\n" + "\n".join(f"  {n}: {r}" for n, r in failures.items()))
    able = [_viewed(one, making, held_out, store) for one in made if not one.reason]
    logits = np.stack([held_out.logits(one.asked, store) for one in able])
    keys = [_final_key(one, store) for one in able]
    members = [store.member(key).renamed(one.name) for key, one in zip(keys, able, strict=True)]
    gains = {one.name: one.gain for one in able if one.gain}
    return Gathered(members, keys, failures, held_out, logits, gains)


def _keep(member: Member, store: Store) -> Made:
    key = adopted_key(member)
    if store.find(key) is None:
        store.keep(key, member)
    return Made(member.name, (key,), (key,))


def _viewed(made: Made, making: Making, held_out: HeldOut, store: Store) -> Made:
    """The same member over views, if they help."""
    if making.views == NO_VIEWS:
        return made
    of = {key: viewed_key(key, making.views, store) for key in (*made.asked, *made.final)}
    viewed = replace(made, asked=tuple(of[key] for key in made.asked), final=tuple(of[key] for key in made.final))
    gain = gain_of_views(made.asked, viewed.asked, held_out, store, seed=making.seed)
    logger.info("%s, views %s: %s", made.name, making.views, gain)
    return replace(viewed if gain.helps else made, gain=gain)


def _final_key(made: Made, store: Store) -> str:
    """The member's key; of several networks their mean is made, or found."""
    if len(made.final) == 1:
        return made.final[0]
    key = f"mean-{short_hash(made.final)}"
    if store.find(key) is None:
        store.keep(key, average([store.member(part) for part in made.final], made.name))
    return key


def _check(entrants: Sequence[Plan | Member], making: Making, data: Splits) -> None:
    if making.views != NO_VIEWS:
        check_symmetries(making.views, data.train.image_size)
    if making.refit and not making.folds:
        raise ValueError("Expected folds with refit; there are none. Set folds=5, or leave refit out.")
    fitted = [entrant.name for entrant in entrants if isinstance(entrant, Member)]
    if making.folds and fitted:
        raise ValueError(
            f"Expected members that are yet to be trained, with {making.folds} folds; {', '.join(fitted)} may have "
            "learned from these images. Leave folds out, and pass validation images that no member has seen."
        )
