"""Soups: one network whose weights are the mean of several ones'."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ensembles.metrics import log_loss
from zoo.data.class_names import FittedClasses
from zoo.data.images import Images
from zoo.data.loading import load
from zoo.data.splits import validating
from zoo.members.averaging import check_alike
from zoo.members.member import Member
from zoo.models.cloning import clone
from zoo.models.fingerprint import same_layers

if TYPE_CHECKING:
    from zoo.data.loading import Source

logger = logging.getLogger(__name__)

Weights = list[np.ndarray]


def soup(members: Sequence[Member], validation: Source | None = None, *, name: str = "soup") -> Member:
    """Average the weights of members of one architecture (Wortsman et al. 2022, arXiv:2203.05482).

    Its predictions cost as much as those of one of them. Averaging helps members that started from the same weights,
    head included, and were trained differently, by other recipes or seeds. Weights of networks that started apart
    cannot be averaged; the greedy soup is then the best single member.

    Args:
        members: of one architecture.
        validation: labelled images, anything that :func:`zoo.load` takes. With them the soup is greedy: from the member
            of the least log loss on, each next one stays in if the loss becomes no larger. Without, all are averaged.
        name: the new member's.

    Raises:
        ValueError: fewer than two members, or networks of other layers.
    """
    members = list(members)
    _check(members)
    chosen = members if validation is None else _greedy(members, _to_choose(members[0], validation))
    mixed = Member(name, model=clone(members[0].model))
    mixed.model.set_weights(_mean_weights([member.model.get_weights() for member in chosen]))
    mixed.classes, mixed.trained_on = members[0].classes, members[0].trained_on
    mixed.learned_from = frozenset().union(*(member.learned_from for member in members))
    mixed.reading = members[0].reading
    mixed.made_of = tuple(plan for member in chosen for plan in member.networks)
    mixed.seconds = sum(member.seconds for member in chosen)
    logger.info("%s: %d of %d members: %s", name, len(chosen), len(members), ", ".join(m.name for m in chosen))
    return mixed


def _to_choose(member: Member, validation: Source) -> Images:
    """Validation images with the class ids that a member predicts."""
    known = None if member.classes is None else FittedClasses(member.classes)
    return validating(load(validation, classes=known, whole=False))


def _greedy(members: list[Member], images: Images) -> list[Member]:
    losses = [log_loss(member.logits(images), images.labels) for member in members]
    order = np.argsort(losses, kind="stable")
    chosen, least = [members[order[0]]], min(losses)
    trial = Member("trial", model=clone(members[0].model))
    for index in order[1:]:
        trial.model.set_weights(_mean_weights([m.model.get_weights() for m in (*chosen, members[index])]))
        loss = log_loss(trial.logits(images), images.labels)
        if loss <= least:
            chosen, least = [*chosen, members[index]], loss
    return chosen


def _mean_weights(networks: list[Weights]) -> Weights:
    """Average weight by weight; whole numbers, such as a dropout's state, are the first network's."""
    return [
        np.mean(alike, axis=0, dtype=np.float64).astype(alike[0].dtype) if alike[0].dtype.kind == "f" else alike[0]
        for alike in zip(*networks, strict=True)
    ]


def _check(members: list[Member]) -> None:
    if len(members) < 2:
        raise ValueError(f"Expected two members or more; received {len(members)}.")
    check_alike(members)
    alike = same_layers([member.model for member in members])
    strange = [member.name for member, own in zip(members, alike, strict=True) if not own]
    if strange:
        raise ValueError(
            f"Expected members of one architecture, as {members[0].name!r}; {', '.join(strange)} differ in their "
            "layers. Average their logits instead: Ensemble([...])."
        )
