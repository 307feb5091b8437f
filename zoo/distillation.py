"""Distillation: one student that has learned from a whole ensemble, and what of the gain it kept."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ensembles.bootstrap import Interval, difference
from ensembles.metrics import balanced_accuracy
from zoo.data.images import Images, Splits
from zoo.identity import short_hash
from zoo.making.running import Task, run
from zoo.member import Member
from zoo.network.head import Head
from zoo.plan import Plan
from zoo.recipe import Recipe
from zoo.report.fair import fair_rules, honest_logits
from zoo.training.teaching import Teacher

if TYPE_CHECKING:
    from zoo.fitted import FittedEnsemble

logger = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Distilled:
    """A student, beside the same network without a teacher, and its teacher; on the same images.

    Balanced accuracies are 0 to 1. Differences of accuracy are paired, with intervals of 95 %: one that holds 0 says
    that nothing was seen.

    Attributes:
        student: the member that learned from the ensemble.
        alone: the same plan and recipe, without a teacher.
        accuracy: balanced, of ``student``, ``alone`` and ``ensemble``.
        gain: accuracy of the student less that of the network alone.
        lag: accuracy of the ensemble less that of the student.
        where: how many images these are of.
    """

    student: Member
    alone: Member
    accuracy: dict[str, float]
    gain: Interval
    lag: Interval
    where: str

    @property
    def kept(self) -> float | None:
        """The share of the ensemble's gain in balanced accuracy that the student kept; None where there is none."""
        ahead = self.accuracy["ensemble"] - self.accuracy["alone"]
        return (self.accuracy["student"] - self.accuracy["alone"]) / ahead if ahead > 0 else None

    def __str__(self) -> str:
        told = ", ".join(f"{name} {value:.4f}" for name, value in self.accuracy.items())
        kept = "" if self.kept is None else f"; {self.kept:.0%} of the ensemble's gain kept"
        return (
            f"balanced accuracy on {self.where}: {told}{kept}. "
            f"Student above alone: {_told(self.gain)}; ensemble above student: {_told(self.lag)}"
        )


def distill(
    ensemble: FittedEnsemble,
    student: str | Plan,
    data: Splits,
    recipe: Recipe,
    *,
    share: float,
    temperature: float,
) -> Distilled:
    """Train a student and the same network alone; see :meth:`zoo.Ensemble.distill`."""
    plan = student if isinstance(student, Plan) else _plan(ensemble, student)
    plan = plan.completed(len(data.classes), data.train.image_size)
    teacher = Teacher(ensemble.logits, _digest(ensemble), share, temperature)
    tasks = [
        Task(replace(plan, name=f"{plan.backbone}_distilled"), recipe, data, teacher=teacher),
        Task(plan, recipe, data),
    ]
    outcomes = run(tasks, ensemble.store_)
    reasons = [outcome.reason for outcome in outcomes if outcome.reason]
    if reasons:
        raise RuntimeError(f"The student could not be trained: {reasons[0]}")
    taught, alone = (ensemble.store_.member(outcome.key) for outcome in outcomes)
    return _compared(ensemble, taught.renamed(f"{plan.backbone}_distilled"), alone, data.to_validate())


def _compared(ensemble: FittedEnsemble, student: Member, alone: Member, images: Images) -> Distilled:
    """Score the three on the validation images, the ensemble's rule out of fold where it was fitted on them."""
    fair, _ = fair_rules(ensemble, images)
    answers = {
        "student": student.logits(images),
        "alone": alone.logits(images),
        "ensemble": fair[ensemble.method_].combine(honest_logits(ensemble, images)),
    }
    gain = difference(answers["student"], answers["alone"], images.labels, seed=ensemble.seed)
    lag = difference(answers["ensemble"], answers["student"], images.labels, seed=ensemble.seed)
    accuracy = {name: balanced_accuracy(own, images.labels) for name, own in answers.items()}
    return Distilled(student, alone, accuracy, gain, lag, f"{len(images)} validation images")


def _plan(ensemble: FittedEnsemble, backbone: str) -> Plan:
    """What a member of this name would be."""
    return Plan(
        backbone=backbone,
        head=ensemble.head or Head(),
        weights=ensemble.weights,
        weights_dir=ensemble.weights_dir,
        seed=ensemble.seed,
    )


def _digest(ensemble: FittedEnsemble) -> str:
    """What tells an ensemble from others: its networks, and what its rule answers to their logits."""
    probe = ensemble.rule_.combine(ensemble.evidence_.logits)
    return short_hash([*ensemble.keys_, np.asarray(probe).round(4).tolist()])


def _told(interval: Interval) -> str:
    return f"{interval.value:+.4f} ({interval.low:+.4f} to {interval.high:+.4f})"
