"""Training many members: one after another or in several processes, each kept as soon as it is done."""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Sequence
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import joblib

from zoo.data.groups import leaks_are_told
from zoo.data.mapped_file import received, to_send
from zoo.members.choices import tell_of_others, write_choices
from zoo.members.member import Member
from zoo.members.store import Store
from zoo.members.task import Outcome, Task
from zoo.members.worker_progress import receiving, sending
from zoo.models import registry
from zoo.models.pretrained import REMEDY
from zoo.training.deadline import TIME_UP, epochs_of_cut
from zoo.training.own_callbacks import UserCallbacks
from zoo.utils.logging import kept_in, listen, quiet_tensorflow, shows
from zoo.utils.progress import finish
from zoo.utils.text import count_of
from zoo.utils.timing import stopwatch

if TYPE_CHECKING:
    import keras

    Callbacks = Sequence[keras.callbacks.Callback]


logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Listening:
    """What a worker does with its messages, as its parent does.

    Attributes:
        level: of the library's log.
        shown: messages go to standard output; False where bars are drawn there, but for warnings.
        file: they go to this file too; None without one.
        progress: folder for how far the worker is; None where nobody watches.
    """

    level: int
    shown: bool
    file: Path | None
    progress: Path | None

    @classmethod
    def now(cls, progress: Path | None) -> Listening:
        """Do as this process does."""
        return cls(logging.getLogger("zoo").getEffectiveLevel(), shows(), kept_in(), progress)

    def set_up(self) -> None:
        """Do so in the worker."""
        if self.level <= logging.INFO:
            listen(self.level, shown=self.shown, file=self.file)


NO_ROOM = "it was trained, but cannot be kept; make room and run this again: its progress is used as far as it was kept"


def run(
    tasks: Sequence[Task],
    store: Store,
    *,
    processes: int = 1,
    callbacks: Callbacks = (),
    alone: bool | None = None,
) -> list[Outcome]:
    """Train what the store lacks; one member's failure is recorded and the others go on.

    Args:
        tasks: the members, in any number of data sets.
        store: what keeps them.
        processes: how many members at a time. Inside ``joblib.parallel_config`` that backend is used.
        callbacks: the user's Keras callbacks, of which each of several members gets copies; for several processes they
            must be such as can be pickled.
        alone: no other member is trained with these callbacks; by default where there is one task.

    Returns:
        An outcome for each task, in order.
    """
    steered = steering_of(callbacks)
    tell_of(callbacks)
    named = [_named(replace(task, steering=steered)) for task in tasks]
    ready = [one for one in named if not isinstance(one, Outcome)]
    own = UserCallbacks(callbacks, len(tasks) == 1 if alone is None else alone)
    if processes == 1:
        outcomes = iter([_attempt(task, key, store, own) for task, key in ready])
    else:
        outcomes = iter(_in_processes(ready, store, own, processes))
    done = [one if isinstance(one, Outcome) else next(outcomes) for one in named]
    _warn_of_weights(tasks, done)
    return done


def _warn_of_weights(tasks: Sequence[Task], outcomes: Sequence[Outcome]) -> None:
    """Say once of all members that lack their weights what to do: mostly it is one folder."""
    pairs = zip(tasks, outcomes, strict=True)
    lacking = {task.plan.name: outcome.reason for task, outcome in pairs if outcome.lacks_weights}
    if lacking:
        first = next(iter(lacking.values()))
        logger.warning("%s failed: %s %s", ", ".join(lacking), first, REMEDY)


def steering_of(callbacks: Callbacks) -> tuple[str, ...]:
    """Fingerprints of the callbacks that may steer."""
    if not callbacks:
        return ()  # without importing Keras
    from zoo.training.callback_fingerprints import steering

    return tuple(steering(callbacks))


def tell_of(callbacks: Callbacks) -> None:
    """Log which callbacks steer."""
    if callbacks:
        from zoo.training.callback_fingerprints import tell_of_steering

        tell_of_steering(callbacks)


def _named(task: Task) -> tuple[Task, str] | Outcome:
    """Name the member here, where the user's builder, environment and working folder are known."""
    try:
        located = task.located()
        return located, located.key()
    except (OSError, ValueError) as error:
        return Outcome.failed(task.plan.name, error)


def _in_processes(
    tasks: Sequence[tuple[Task, str]], store: Store, callbacks: UserCallbacks, processes: int
) -> list[Outcome]:
    sent = [(replace(task, data=to_send(task.data)), key) for task, key in tasks]
    with receiving(store.root) as folder:
        how = Listening.now(folder)
        calls = [joblib.delayed(_attempt_in_worker)(task, key, store, callbacks, how) for task, key in sent]
        try:
            return _call_in_processes(calls, processes)
        except BrokenProcessPool:
            logger.warning("a process died; what is not finished is tried once more, one by one")
            return [_in_own_pool(task, call, processes) for (task, _), call in zip(tasks, calls, strict=True)]


def _in_own_pool(task: Task, call: Any, processes: int) -> Outcome:
    """Run one task in a pool of its own, so that a death takes no other member along."""
    try:
        return _call_in_processes([call], processes)[0]
    except BrokenProcessPool as error:
        return Outcome.failed(
            task.plan.name, RuntimeError(f"its process died, perhaps because memory ran out ({error})")
        )


def _call_in_processes(calls: Sequence[Any], processes: int) -> list[Outcome]:
    with warnings.catch_warnings():
        # joblib replaces a worker that has grown, as each does by importing TensorFlow, and loses no job by it. Where
        # warnings are errors, this one would end the thread that hands out the jobs, and the call would never return.
        warnings.filterwarnings("ignore", "A worker stopped while some jobs were given", UserWarning)
        return list(joblib.Parallel(n_jobs=processes)(calls))


def _attempt_in_worker(task: Task, key: str, store: Store, callbacks: UserCallbacks, how: Listening) -> Outcome:
    """Attempt a task in a worker, which has neither the parent's logging nor its quiet TensorFlow."""
    os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")
    how.set_up()
    quiet_tensorflow()
    try:
        task = replace(task, data=received(task.data))
    except OSError as error:
        return Outcome.failed(task.plan.name, error)
    with sending(how.progress):
        outcome = _attempt(task, key, store, callbacks)
    return Outcome.failed(task.plan.name, OSError(NO_ROOM)) if outcome.key in store.in_memory else outcome


def _attempt(task: Task, key: str, store: Store, callbacks: UserCallbacks) -> Outcome:
    try:
        return Outcome(key=_obtain(task, key, store, callbacks))
    except Exception as error:
        logger.debug("%s failed", task.plan.name, exc_info=True)
        return Outcome.failed(task.plan.name, error)
    finally:
        finish(task.plan.name)


def _obtain(task: Task, key: str, store: Store, callbacks: UserCallbacks) -> str:
    """Find the member in the store, or train it and keep it, and have its logits for the validation images.

    Returns:
        Its key: that of the task, or its own where a time limit ended the training.
    """
    if task.spec is not None:
        registry.add(task.spec)
    member = store.find(key)
    if member is None:
        key, member = _train(task, key, store, callbacks)
    else:
        logger.info("%s: found in %s, not trained again", task.plan.name, store.root)
    store.logits(key, task.data.to_validate(), member)
    return key


def _train(task: Task, key: str, store: Store, callbacks: UserCallbacks) -> tuple[str, Member]:
    with store.lock(key):
        found = store.find(key)  # another process may have trained it while this one waited
        if found is not None:
            return key, found
        choices = task.choices()
        tell_of_others(store, task.plan.name, choices)
        space, cost = store.workspace(key), stopwatch()
        start = store.start(task.start, task.plan.seed) if task.start else None
        with leaks_are_told():
            member = Member(task.plan.name, task.plan, start).fit(
                task.data.train,
                task.data.to_validate(),
                task.recipe,
                teacher=task.teacher,
                callbacks=callbacks.of(task.plan.name),
                place=space,
            )
        cut = epochs_of_cut(member.history)
        if cut:  # the progress stays: the same call goes on from there, to the member that was asked for
            logger.info("%s: %s; its best of %s is taken", task.plan.name, TIME_UP, count_of(cut, "epoch"))
            task = replace(task, cut=cut)
            key, choices = task.key(), task.choices()
        if store.keep(key, member):
            if not cut:
                store.clear(space)
            write_choices(store.members / key, choices)
        logger.info("%s: trained, %s", task.plan.name, cost())
        return key, member
