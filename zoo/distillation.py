"""Distillation: one student that has learned from a whole ensemble, and what of the gain it kept."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from ensembles.bootstrap import Interval, difference
from ensembles.metrics import balanced_accuracy
from zoo.data.images import Splits
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

    Balanced accuracies are 0 to 1. Their differences are paired, with intervals of 95 %: one that holds 0 says that
    nothing was seen. The images are those of the test split, where there is one; validation images chose the epochs of
    all three, which flatters each of them.

    Attributes:
        student: the member that learned from the ensemble.
        alone: the same plan and recipe, without a teacher.
        accuracy: balanced, of ``student``, ``alone`` and ``ensemble``.
        gain: of the student over the network alone.
        lag: of the student behind the ensemble.
        where: which images, and how many, these are of.
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
    return _compared(ensemble, taught.renamed(f"{plan.backbone}_distilled"), alone, data)


def _compared(ensemble: FittedEnsemble, student: Member, alone: Member, data: Splits) -> Distilled:
    """Score the three on images that none learned from, the ensemble's rule out of fold where it was fitted on them."""
    split, images = data.to_score()
    fair, _ = fair_rules(ensemble, images)
    answers = {
        "student": student.logits(images),
        "alone": alone.logits(images),
        "ensemble": fair[ensemble.method_].combine(honest_logits(ensemble, images)),
    }
    apart = partial(difference, labels=images.labels, score="balanced_accuracy", seed=ensemble.seed)
    gain, lag = apart(answers["student"], answers["alone"]), apart(answers["ensemble"], answers["student"])
    accuracy = {name: balanced_accuracy(own, images.labels) for name, own in answers.items()}
    where = f"{len(images)} {split} images" + (", which chose the epochs" if split == "validation" else "")
    return Distilled(student, alone, accuracy, gain, lag, where)


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
