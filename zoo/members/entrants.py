"""Who enters an ensemble: names, plans, members and Keras models, made alike."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from zoo.data.class_names import FittedClasses, listed
from zoo.data.images import Images
from zoo.members.member import Member
from zoo.models.head import Head
from zoo.models.plan import Plan
from zoo.models.pretrained import Weights
from zoo.models.registry import spec
from zoo.utils.text import Size, repeat

if TYPE_CHECKING:
    import keras

    Entrant: TypeAlias = str | Plan | Member | keras.Model


logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Defaults:
    """What members given by name are built with."""

    head: Head
    weights: Weights
    weights_dir: str | Path | None
    seed: int


def enter(members: Sequence[Entrant], defaults: Defaults, data: Images) -> list[Plan | Member]:
    """Turn whatever was given into complete plans, to be trained, and fitted members, to be left alone.

    Raises:
        TypeError: something that is no member.
        ValueError: no members, an unknown backbone, one that does not fit the data, or one object twice.
    """
    if isinstance(members, str) or not len(members):
        raise ValueError(f"Expected a list of one member or more; received {members!r}.")
    taken: set[str] = set()
    seeds: Counter[str] = Counter()
    return [_enter(entrant, defaults, data, taken, seeds) for entrant in repeat(members)]


def _enter(entrant: Entrant, defaults: Defaults, data: Images, taken: set[str], seeds: Counter[str]) -> Plan | Member:
    if isinstance(entrant, str):
        seeds[entrant] += 1
        return _complete(by_name(entrant, defaults, seeds[entrant]), data, taken)
    if isinstance(entrant, Plan):
        return _complete(entrant, data, taken)
    member = entrant if isinstance(entrant, Member) else _adopt(entrant)
    if not member.fitted:
        return _complete(member.own_plan, data, taken)
    return _fitted(member, data, taken)


def by_name(name: str, defaults: Defaults, number: int = 1) -> Plan:
    """What a member of this name would be: the second of a name gets the next seed, so that it is another network."""
    return Plan(
        backbone=name,
        head=defaults.head,
        weights=defaults.weights,
        weights_dir=defaults.weights_dir,
        seed=defaults.seed + number - 1,
    )


def _complete(plan: Plan, data: Images, taken: set[str]) -> Plan:
    plan = _large_enough(plan, data.image_size)
    return replace(plan.completed(len(data.classes), data.image_size), name=_unique(plan.name, taken))


def _large_enough(plan: Plan, size: Size) -> Plan:
    """Enlarge images that are too small for the backbone, and log it."""
    enlarged = plan.enlarging(size)
    if enlarged.resize != plan.resize:
        least = spec(plan.backbone).min_size
        logger.info("%s needs images of %d pixels: %s is enlarged to %s", plan.name, least, size, enlarged.resize)
    return enlarged


def _adopt(model: Any) -> Member:
    import keras

    if isinstance(model, keras.Model):
        return Member.from_keras(model)
    raise TypeError(f"Expected a backbone's name, a Plan, a Member or a keras.Model; received {type(model).__name__}.")


def _fitted(member: Member, data: Images, taken: set[str]) -> Member:
    shape = (member.image_size, member.class_count)
    wanted = (data.image_size, len(data.classes))
    if shape != wanted:
        raise ValueError(
            f"Expected a fitted member for images of {wanted[0]} and {wanted[1]} classes, as in the data; received "
            f"{member.name!r}, which takes images of {shape[0]} and predicts {shape[1]} classes. "
            "Leave it out, or fit it anew."
        )
    _check_classes(member, data)
    return member.renamed(_unique(member.name, taken))


def _check_classes(member: Member, data: Images) -> None:
    """Check that a member's columns are the data's classes, where both are known by name."""
    own = FittedClasses(member.classes or data.classes)
    if own != data.classes and not own.are_ids and not FittedClasses(data.classes).are_ids:
        raise ValueError(
            f"Expected a fitted member for the classes {listed(data.classes)}, in this order; received "
            f"{member.name!r}, of {listed(own)}. Load the data with its order: zoo.load(data, classes=member.classes)."
        )


def _unique(name: str, taken: set[str]) -> str:
    """Number the second and later members of one name: Keras refuses two."""
    numbered = (name if number == 1 else f"{name}_{number}" for number in count(1))
    free = next(candidate for candidate in numbered if candidate not in taken)
    taken.add(free)
    return free
