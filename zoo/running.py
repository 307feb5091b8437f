"""Training many members: one after another or in several processes, each kept as soon as it is done."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import joblib

from zoo import registry
from zoo.data.images import Splits
from zoo.member import Member
from zoo.plan import Plan
from zoo.recipe import Recipe
from zoo.store import Store, member_key

if TYPE_CHECKING:
    import keras

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Job:
    """A member to train; holds plain values and paths only, so that it can go to another process.

    Attributes:
        plan: what to build, complete.
        recipe: how to train it.
        store: the folder that keeps it.
        spec: the backbone's record, for a process that did not see the user register it.
    """

    plan: Plan
    recipe: Recipe
    store: str
    spec: registry.Spec


@dataclass(frozen=True)
class Outcome:
    """What became of a job: the key of a member in the store, or the reason why there is none."""

    name: str
    key: str = ""
    reason: str = ""


def run(
    jobs: Sequence[Job], data: Splits, *, processes: int = 1, callbacks: Sequence[keras.callbacks.Callback] = ()
) -> list[Outcome]:
    """Train what the store lacks; one member's failure is written down and the others go on.

    Args:
        jobs: the members.
        data: images to train on and to choose with.
        processes: how many members at a time. Inside ``joblib.parallel_config`` that backend is used.
        callbacks: the user's Keras callbacks; for several processes they must be such as can be pickled.
    """
    if processes == 1:
        return [_attempt(job, data, callbacks) for job in jobs]
    parallel = joblib.Parallel(n_jobs=processes)
    return list(parallel(joblib.delayed(_attempt)(job, data, callbacks) for job in jobs))


def _attempt(job: Job, data: Splits, callbacks: Sequence[keras.callbacks.Callback]) -> Outcome:
    name = job.plan.name
    try:
        return Outcome(name, key=_obtain(job, data, callbacks))
    except Exception as error:
        logger.warning("%s failed: %s", name, error)
        logger.debug("%s failed", name, exc_info=True)
        return Outcome(name, reason=f"{type(error).__name__}: {error}")


def _obtain(job: Job, data: Splits, callbacks: Sequence[keras.callbacks.Callback]) -> str:
    """Find the member in the store, or train it and keep it; returns its key."""
    registry.add(job.spec)
    store = Store(job.store)
    key = member_key(job.plan, job.recipe, data.train, data.to_validate())
    with store.lock(key):
        member = store.find(key)
        if member is None:
            member = Member(job.plan.name, job.plan)
            member.fit(data.train, data.validation, job.recipe, callbacks=callbacks)
            store.keep(key, member)
        else:
            logger.info("%s: found in %s, not trained again", job.plan.name, store.root)
        store.logits(key, member, data.to_validate())
    return key
