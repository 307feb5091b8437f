"""Distillation: one student that has learned from a whole ensemble, and what of the gain it kept."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from ensembles.bootstrap import Interval, difference
from ensembles.metrics import balanced_accuracy
from zoo.data.images import Splits
from zoo.evaluation.scoring import fair_rule
from zoo.members.member import Member
from zoo.members.parallel_training import run
from zoo.members.task import Task
from zoo.models.plan import Plan
from zoo.state.state import EnsembleState
from zoo.training.distillation import Teacher
from zoo.training.recipe import Recipe
from zoo.utils.hashing import short_hash

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
        scores = ", ".join(f"{name} {value:.4f}" for name, value in self.accuracy.items())
        kept = "" if self.kept is None else f"; {self.kept:.0%} of the ensemble's gain kept"
        return (
            f"balanced accuracy on {self.where}: {scores}{kept}. "
            f"Student above alone: {self.gain.signed()}; ensemble above student: {self.lag.signed()}"
        )


def for_student(recipe: Recipe) -> Recipe:
    """A recipe of members as one for a student: its head is trained, as none can be solved for soft targets."""
    if recipe.head_solver == Recipe.head_solver:
        return recipe
    epochs = recipe.epochs or Recipe.epochs
    return replace(recipe, head_solver=Recipe.head_solver, head_epochs=Recipe.head_epochs, epochs=epochs)


def distill(
    state: EnsembleState,
    plan: Plan,
    data: Splits,
    recipe: Recipe,
    *,
    views: int,
    share: float,
    temperature: float,
) -> Distilled:
    """Train a student and the same network alone; see :meth:`zoo.Ensemble.distill`."""
    if recipe.adapted(plan.adapt).adapt == "probe":
        raise ValueError(
            "Expected adapt='tune' for a student, which learns from soft targets; received 'probe'. Leave adapt out."
        )
    if views < 1:
        raise ValueError(f"Expected views of 1 or more; received {views}. Pass views=4.")
    several = 0 if recipe.policy().is_identity or views == 1 else views
    recipe = replace(recipe, views=min(recipe.views, views) or views, stored_views=several)
    plan = plan.completed(len(data.classes), data.train.image_size)
    fair_rule(state, data.to_score()[1])  # which raises before anything is trained
    teacher = Teacher(state.logits, _digest(state), share, temperature)
    tasks = [
        Task(replace(plan, name=f"{plan.backbone}_distilled"), recipe, data, teacher=teacher),
        Task(plan, recipe, data),
    ]
    outcomes = run(tasks, state.store)
    reasons = [outcome.reason for outcome in outcomes if outcome.reason]
    if reasons:
        raise RuntimeError(f"The student could not be trained: {reasons[0]}")
    taught, alone = (state.store.member(outcome.key) for outcome in outcomes)
    return _compared(state, taught.renamed(f"{plan.backbone}_distilled"), alone, data)


def _compared(state: EnsembleState, student: Member, alone: Member, data: Splits) -> Distilled:
    """Score the three on images that none was trained on; the rule out of fold where it was fitted on them."""
    split, images = data.to_score()
    teacher = fair_rule(state, images)
    predictions = {
        "student": student.logits(images),
        "alone": alone.logits(images),
        "ensemble": teacher.combine(state.stored_logits(images)),
    }
    apart = partial(difference, labels=images.labels, score="balanced_accuracy", groups=images.groups, seed=state.seed)
    gain, lag = (
        apart(predictions["student"], predictions["alone"]),
        apart(predictions["ensemble"], predictions["student"]),
    )
    accuracy = {name: balanced_accuracy(own, images.labels) for name, own in predictions.items()}
    where = f"{len(images)} {split} images" + (", which chose the epochs" if split == "validation" else "")
    if not state.held_out.covers(images):
        where += f" ({state.describe(images, split).partition('; ')[2]})"
    return Distilled(student, alone, accuracy, gain, lag, where)


def _digest(state: EnsembleState) -> str:
    """A digest of an ensemble: its networks, and its rule's predictions from their logits."""
    probe = state.rule().combine(state.held_out.logits)
    return short_hash([*state.keys, np.asarray(probe).round(4).tolist()])
