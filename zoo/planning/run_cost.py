"""The costs of all networks of a run, added up as they are trained: in waves of cycles, by several processes."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from zoo.ensemble_options import EnsembleOptions
from zoo.members.held_out import HeldOut
from zoo.members.task import Task
from zoo.members.test_time_views import NO_VIEWS
from zoo.planning.costs import PREDICTING, Cost, Shared, prediction_seconds, trained_images, training_cost
from zoo.planning.forecast import Forecast, MemberForecast
from zoo.planning.machine import Machine
from zoo.planning.run_networks import Line, PlannedNetwork
from zoo.planning.speed import Speed
from zoo.training.phases import phases
from zoo.utils.timing import peak_memory

PROCESSES, RULES, OUT_OF_FOLD = "processes", "rules", "rules out of fold"
STARTED = 6.0  # seconds until a process has imported TensorFlow
# Seconds to fit all rules and score them out of fold: at least, for each coefficient of a class, for each logit.
RULES_START, RULES_COEFFICIENT, RULES_LOGIT = 2.0, 0.055, 3.5e-5
OPENING = 1.0  # seconds to read a stored network and to compile its prediction

SpeedOf = Callable[[Task], Speed]


class Sum:
    """Adds up a run.

    Args:
        lines: its members.
        held_out: images that no network of a fold was trained on.
        options: of the ensemble.
        speed_of: finds the speed of a training.
    """

    def __init__(self, lines: Sequence[Line], held_out: HeldOut, options: EnsembleOptions, speed_of: SpeedOf) -> None:
        self.lines = lines
        self.held_out = held_out
        self.options = options
        self.speed_of = speed_of
        self.shared = Shared()
        self.waves: defaultdict[int, list[float]] = defaultdict(list)  # seconds of each training, by its cycle
        self.trainings: list[Cost] = []
        self.afterwards = 0.0  # seconds of predictions when all are trained
        self.networks: dict[str, Mapping[str, float]] = {}
        self.passing = 0  # bytes of the largest progress file

    def forecast(self, machine: Machine) -> Forecast:
        """Add up."""
        members = tuple(self._member(line) for line in self.lines)
        jobs = min(self.options.jobs, max(map(len, self.waves.values()), default=1))
        peak = max([peak_memory() or 0, *(one.speed.memory for one in members if one.speed)])
        return Forecast(
            members=members,
            seconds=self._by_clock(members, jobs, machine),
            memory=peak if jobs == 1 else peak * jobs + (peak_memory() or 0),
            disk=sum(one.disk for one in members) + self.passing * jobs,
            jobs=jobs,
            machine=machine,
            begun=datetime.now().astimezone(),
            networks=self.networks,
        )

    def _member(self, line: Line) -> MemberForecast:
        """Count one member's networks, and remember what each adds to the run."""
        if line.reason or not line.networks:
            return MemberForecast(name=line.name, reason=line.reason, seconds=self._of_fitted(line))
        first, pending = line.networks[0].task, [one for one in line.networks if not one.stored]
        try:
            speed = self.speed_of(line.networks[0].first) if pending else None
        except Exception as error:  # as a training would, which lists the member as failed and goes on with others
            return MemberForecast(name=line.name, reason=f"{type(error).__name__}: {error}")
        costs = [self._training(one) for one in pending]
        seconds = added(costs)
        later = self._later(line, speed)
        seconds[PREDICTING] += later
        self.afterwards += later
        return MemberForecast(
            name=line.name,
            networks=len(line.networks),
            stored=len(line.networks) - len(costs),
            epochs=sum(phase.epochs for phase in phases(first.recipe, pretrained=first.plan.pretrained)),
            images=trained_images(first.data.train, first.recipe),
            seconds=dict(seconds),
            disk=sum(cost.disk for cost in costs) + self._copies(line, speed),
            speed=speed,
        )

    def _training(self, network: PlannedNetwork) -> Cost:
        cost = training_cost(network.task, self.speed_of(network.first), self.shared)
        self.waves[network.cycle].append(sum(cost.seconds.values()))
        self.trainings.append(cost)
        self.networks[network.task.plan.name] = cost.seconds
        self.passing = max(self.passing, cost.passing)
        return cost

    def _of_fitted(self, line: Line) -> dict[str, float]:
        """Predictions of a member that is fitted already; the store may have them."""
        if line.member is None:
            return {}
        self.afterwards += OPENING
        return {PREDICTING: OPENING}

    def _later(self, line: Line, speed: Speed | None) -> float:
        """Seconds of the predictions that are made after all trainings; those of stored networks are stored too."""
        if speed is None:
            return 0.0
        folds = [one.fold for one in line.networks if one.fold and not one.stored]
        seconds = sum(prediction_seconds(count, speed) for count in folds)
        if self.options.views != NO_VIEWS:
            counts = folds or [len(self.held_out.images)]
            seconds += sum(prediction_seconds(count, speed, views=self.options.views) for count in counts)
        return seconds

    def _copies(self, line: Line, speed: Speed | None) -> int:
        """Bytes of members that are made of the trained ones: over views, and the mean of folds."""
        if speed is None:
            return 0
        copies = len(line.networks) if self.options.views != NO_VIEWS else 0
        if self.options.folds and not self.options.refit:
            copies += self.options.folds
        return copies * 4 * speed.parameters

    def _by_clock(self, members: Sequence[MemberForecast], jobs: int, machine: Machine) -> dict[str, float]:
        """Seconds by stage, of which those of trainings are shorter where several run at a time."""
        speeds = [one.speed for one in members if one.speed]
        slower = 1.0
        if jobs > 1:
            cores = max(speed.cores for speed in speeds)
            slower = slowdown(jobs, cores, machine.cores, accelerated=bool(machine.gpus))
        spent = sum(makespan([slower * one for one in wave], jobs) for wave in self.waves.values())
        one_by_one = added(self.trainings)
        squeezed = spent / max(sum(one_by_one.values()), 1e-9)
        seconds = {name: own * squeezed for name, own in one_by_one.items()}
        seconds[PREDICTING] = seconds.get(PREDICTING, 0.0) + self.afterwards
        rules = rules_seconds(len(members), len(self.held_out.images), len(self.held_out.images.classes))
        return ({PROCESSES: STARTED} if jobs > 1 else {}) | seconds | {RULES: rules}


def rules_seconds(members: int, images: int, classes: int) -> float:
    """Seconds to fit and score every rule; measured for 1 to 5 members, 300 to 20,000 images, 8 and 40 classes."""
    return RULES_START + members * classes * (RULES_COEFFICIENT + RULES_LOGIT * images)


def added(costs: Iterable[Cost]) -> defaultdict[str, float]:
    """Add up seconds by stage."""
    total: defaultdict[str, float] = defaultdict(float)
    for cost in costs:
        for name, own in cost.seconds.items():
            total[name] += own
    return total


def makespan(seconds: Sequence[float], jobs: int) -> float:
    """Seconds until all are done, where a free process takes the next one in order.

    >>> makespan([4.0, 1.0, 1.0, 1.0], 2)
    4.0
    """
    free = [0.0] * max(1, min(jobs, len(seconds)))
    for one in seconds:
        heapq.heapreplace(free, free[0] + one)
    return max(free)


def slowdown(jobs: int, cores_each: float, cores: int, *, accelerated: bool = False) -> float:
    """Factor by which trainings are slower side by side than alone: they share the cores, or the accelerator.

    >>> slowdown(2, 1.5, 2)
    1.5
    """
    return float(jobs) if accelerated else max(1.0, jobs * cores_each / cores)
