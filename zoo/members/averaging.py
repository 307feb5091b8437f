"""Several networks as one member: the mean of their logits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from zoo.members.member import Member
from zoo.models.cloning import PART, renamed

if TYPE_CHECKING:
    import keras


def average(members: Sequence[Member], name: str) -> Member:
    """Make one member of several that take the same images and predict the same classes.

    Its graph holds them all, each weight once; it predicts the mean of their logits.

    Raises:
        ValueError: no members, or members of different images or classes.
    """
    check_alike(members)
    averaged = Member(name, model=_mean([member.model for member in members], name))
    averaged.classes, averaged.trained_on = members[0].classes, members[0].trained_on
    averaged.reading = members[0].reading
    averaged.learned_from = frozenset().union(*(member.learned_from for member in members))
    averaged.made_of = tuple(plan for member in members for plan in member.networks)
    averaged.seconds = sum(member.seconds for member in members)
    return averaged


def check_alike(members: Sequence[Member]) -> None:
    """Check that members take the same images and predict the same classes.

    Raises:
        ValueError: none, or members of different images or classes, or of another depth range.
    """
    orders = {member.classes for member in members if member.classes}
    if len(orders) > 1:
        found = "; ".join(f"{m.name} of {', '.join(m.classes)}" for m in members if m.classes)
        raise ValueError(
            f"Expected members of the same classes in one order; received {found}. Fit them on one data set."
        )
    if len({member.reading for member in members}) > 1:
        found = ", ".join(f"{m.name} ({m.reading.as_dict()})" for m in members)
        raise ValueError(f"Expected members that read pixels alike; received {found}. Fit them on one data set.")
    kinds = {(member.image_size, member.class_count) for member in members}
    if len(kinds) != 1:
        found = ", ".join(f"{m.name} (images of {m.image_size}, {m.class_count} classes)" for m in members) or "none"
        raise ValueError(f"Expected members of the same images and classes; received {found}.")


def _mean(models: Sequence[keras.Model], name: str) -> keras.Model:
    import keras

    images = keras.Input(models[0].input_shape[1:], dtype="uint8", name="images")
    outputs = [renamed(model, f"{PART}{number}")(images) for number, model in enumerate(models)]
    mean = keras.layers.Average(dtype="float32", name="logits")(outputs) if len(outputs) > 1 else outputs[0]
    return keras.Model(images, mean, name=name)
