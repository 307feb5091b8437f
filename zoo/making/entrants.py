"""Who enters an ensemble: names, plans, members and Keras models, made alike."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from zoo.data.images import Images
from zoo.making.repeats import repeat
from zoo.member import Member
from zoo.network.head import Head
from zoo.network.weights import Weights
from zoo.plan import Plan
from zoo.registry import spec
from zoo.sizes import Size

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
        return _complete(_by_name(entrant, defaults, seeds), data, taken)
    if isinstance(entrant, Plan):
        return _complete(entrant, data, taken)
    member = entrant if isinstance(entrant, Member) else _adopt(entrant)
    if not member.fitted:
        return _complete(member.own_plan, data, taken)
    return _fitted(member, data, taken)


def _by_name(name: str, defaults: Defaults, seeds: Counter[str]) -> Plan:
    """The second of a name gets the next seed, so that it is another network."""
    seeds[name] += 1
    return Plan(
        backbone=name,
        head=defaults.head,
        weights=defaults.weights,
        weights_dir=defaults.weights_dir,
        seed=defaults.seed + seeds[name] - 1,
    )


def _complete(plan: Plan, data: Images, taken: set[str]) -> Plan:
    plan = _large_enough(plan, data.image_size)
    return replace(plan.completed(len(data.classes), data.image_size), name=_unique(plan.name, taken))


def _large_enough(plan: Plan, size: Size) -> Plan:
    """Enlarge images that are too small for a backbone, by a whole factor and inside the graph, and say so."""
    least = spec(plan.backbone).min_size
    if plan.resize is not None or min(size) >= least:
        return plan
    factor = -(-least // min(size))
    enlarged = (size[0] * factor, size[1] * factor)
    logger.info("%s needs images of %d pixels: those of %s are enlarged to %s", plan.name, least, size, enlarged)
    return replace(plan, resize=enlarged)


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
            f"The fitted member {member.name!r} takes images of {shape[0]} and knows {shape[1]} classes; "
            f"the data has images of {wanted[0]} and {wanted[1]} classes."
        )
    return member.renamed(_unique(member.name, taken))


def _unique(name: str, taken: set[str]) -> str:
    """Number the second and later members of one name: Keras refuses two."""
    numbered = (name if number == 1 else f"{name}_{number}" for number in count(1))
    free = next(candidate for candidate in numbered if candidate not in taken)
    taken.add(free)
    return free
