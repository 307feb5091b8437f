"""Training many members: one after another or in several processes, each kept as soon as it is done."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import joblib

from zoo.data.images import Splits
from zoo.members.fingerprint import member_key
from zoo.members.member import Member
from zoo.members.store import Store
from zoo.models import registry
from zoo.models.spec import Plan
from zoo.training.recipe import Recipe
from zoo.utils.logging import listen, quiet_tensorflow
from zoo.utils.timing import stopwatch

if TYPE_CHECKING:
    import keras

    from zoo.training.distillation import Teacher

logger = logging.getLogger(__name__)

OUT_OF_MEMORY = (
    "out of memory: lower the recipe's batch_size, with accumulate so many times larger, or the images' size"
)
NO_ROOM = "it was trained, but cannot be kept; make room and run this again: its progress is used as far as it was kept"


@dataclass(frozen=True)
class Task:
    """A member to train.

    Attributes:
        plan: what to build, complete.
        recipe: how to train it.
        data: images to train on and to choose with.
        start: key of the member in the store whose weights it starts from; "" for the plan's own.
        teacher: what it learns from beside the labels.
    """

    plan: Plan
    recipe: Recipe
    data: Splits
    start: str = ""
    teacher: Teacher | None = None


@dataclass(frozen=True)
class Job:
    """A task with a name; nothing in it is built or open, so that it can go to another process.

    Attributes:
        task: what to do, the plan's weights located.
        key: the member's name in the store.
        store: what keeps it.
        spec: the backbone's record, for a process that did not see the user register it.
    """

    task: Task
    key: str
    store: Store
    spec: registry.Spec


@dataclass(frozen=True)
class Outcome:
    """What became of a member: its key in the store, or the reason why there is none."""

    key: str = ""
    reason: str = ""


def run(
    tasks: Sequence[Task],
    store: Store,
    *,
    processes: int = 1,
    callbacks: Sequence[keras.callbacks.Callback] = (),
) -> list[Outcome]:
    """Train what the store lacks; one member's failure is written down and the others go on.

    Args:
        tasks: the members, in any number of data sets.
        store: what keeps them.
        processes: how many members at a time. Inside ``joblib.parallel_config`` that backend is used.
        callbacks: the user's Keras callbacks; for several processes they must be such as can be pickled.

    Returns:
        An outcome for each task, in order.
    """
    jobs = [_job(task, store) for task in tasks]
    ready = [job for job in jobs if isinstance(job, Job)]
    if processes == 1:
        outcomes = iter([_attempt(job, callbacks) for job in ready])
    else:
        outcomes = iter(_in_processes(ready, callbacks, processes))
    return [next(outcomes) if isinstance(job, Job) else job for job in jobs]


def _job(task: Task, store: Store) -> Job | Outcome:
    """Name the member here, where the user's builder, environment and working folder are known."""
    try:
        located = replace(task, plan=task.plan.located())
        told = "" if task.teacher is None else task.teacher.identity
        images = task.data.train, task.data.to_validate()
        key = member_key(located.plan, task.recipe, *images, start=task.start, teacher=told)
    except (OSError, ValueError) as error:
        return _failed(task.plan.name, error)
    return Job(located, key, store, registry.spec(task.plan.backbone))


def _in_processes(jobs: Sequence[Job], callbacks: Sequence[keras.callbacks.Callback], processes: int) -> list[Outcome]:
    level = logging.getLogger("zoo").getEffectiveLevel()
    calls = [joblib.delayed(_attempt_elsewhere)(job, callbacks, level) for job in jobs]
    try:
        return list(joblib.Parallel(n_jobs=processes)(calls))
    except BrokenProcessPool:
        logger.warning("a process died; what is not finished is tried once more, one by one")
        return [_alone(job, call, processes) for job, call in zip(jobs, calls, strict=True)]


def _alone(job: Job, call: Any, processes: int) -> Outcome:
    """Run one job in a pool of its own, so that a death takes no other member along."""
    try:
        return joblib.Parallel(n_jobs=processes)([call])[0]
    except BrokenProcessPool as error:
        return _failed(job.task.plan.name, RuntimeError(f"its process died, perhaps for want of memory ({error})"))


def _attempt_elsewhere(job: Job, callbacks: Sequence[keras.callbacks.Callback], level: int) -> Outcome:
    """Attempt a job in a worker, which has neither the parent's logging nor its quiet TensorFlow."""
    os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")
    if level <= logging.INFO:
        listen(level)
    quiet_tensorflow()
    outcome = _attempt(job, callbacks)
    if job.key in job.store.unkept:
        return _failed(job.task.plan.name, OSError(NO_ROOM))
    return outcome


def _attempt(job: Job, callbacks: Sequence[keras.callbacks.Callback]) -> Outcome:
    try:
        _obtain(job, callbacks)
    except Exception as error:
        logger.debug("%s failed", job.task.plan.name, exc_info=True)
        return _failed(job.task.plan.name, error)
    return Outcome(key=job.key)


def _failed(name: str, error: Exception) -> Outcome:
    kind = type(error).__name__
    starved = kind in ("MemoryError", "ResourceExhaustedError") or "RESOURCE_EXHAUSTED" in str(error)
    reason = OUT_OF_MEMORY if starved else f"{kind}: {error}"
    logger.warning("%s failed: %s", name, reason)
    return Outcome(reason=reason)


def _obtain(job: Job, callbacks: Sequence[keras.callbacks.Callback]) -> None:
    """Find the member in the store, or train it and keep it."""
    registry.add(job.spec)
    store = job.store
    member = store.find(job.key)
    if member is None:
        member = _train(job, store, callbacks)
    else:
        logger.info("%s: found in %s, not trained again", job.task.plan.name, store.root)
    store.logits(job.key, member, job.task.data.to_validate())


def _train(job: Job, store: Store, callbacks: Sequence[keras.callbacks.Callback]) -> Member:
    with store.lock(job.key):
        found = store.find(job.key)  # another process may have trained it while this one waited
        if found is not None:
            return found
        task, place, cost = job.task, store.workspace(job.key), stopwatch()
        member = Member(task.plan.name, task.plan, store.member(task.start).model if task.start else None)
        member.fit(
            task.data.train,
            task.data.to_validate(),
            task.recipe,
            teacher=task.teacher,
            callbacks=callbacks,
            place=place,
        )
        if store.keep(job.key, member):
            store.clear(place)
        logger.info("%s: trained, %s", task.plan.name, cost())
        return member
