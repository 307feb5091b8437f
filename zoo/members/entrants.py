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
from zoo.ensemble_options import EnsembleOptions
from zoo.members.class_order import in_order
from zoo.members.member import Member
from zoo.models.adaptation import Adapt, split_name
from zoo.models.head import Head
from zoo.models.keras_file import KerasFile, names_file
from zoo.models.plan import Plan, as_name
from zoo.models.pretrained import Weights
from zoo.models.registry import spec
from zoo.utils.text import AnySize, Size, repeat

if TYPE_CHECKING:
    import keras

    Entrant: TypeAlias = str | Path | Plan | Member | KerasFile | keras.Model


logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Defaults:
    """What members given by name are built with."""

    head: Head
    weights: Weights
    weights_dir: str | Path | None
    seed: int
    resize: AnySize | None = None
    high_pass: bool = False
    adapt: Adapt = "tune"


def defaults_of(options: EnsembleOptions) -> Defaults:
    """What members given by name are built with."""
    return Defaults(
        head=options.head or Head(),
        weights=options.weights,
        weights_dir=options.weights_dir,
        seed=options.seed,
        resize=options.resize,
        high_pass=options.high_pass,
        adapt=options.recipe.adapt if options.recipe else "tune",
    )


@dataclass(frozen=True)
class Refused:
    """A network that cannot take part, and the reason; the others go on without it."""

    name: str
    reason: str


def enter(members: Sequence[Entrant], defaults: Defaults, data: Images) -> list[Plan | Member | Refused]:
    """Turn whatever was given into complete plans, to be trained, and fitted members, to be left alone.

    Fitted networks that do not fit the data, or cannot be read, are refused, each by its name.

    Raises:
        TypeError: something that is no member.
        FileNotFoundError: no file at the path of a model.
        ValueError: no members, an unknown backbone, a plan that does not fit the data, or networks that are all
            refused.
    """
    if isinstance(members, str | Path) or not len(members):
        raise ValueError(
            f"Expected a list of one member or more; received {members!r}. Name some, or let a preset choose them: "
            "preset='balanced'."
        )
    taken: set[str] = set()
    seeds: Counter[str] = Counter()
    files = [as_file(entrant) for entrant in repeat(members)]
    entered = [_enter(entrant, defaults, data, taken, seeds) for entrant in files]
    refused = [one for one in entered if isinstance(one, Refused)]
    if len(refused) == len(entered):
        raise ValueError("\n".join(f"{one.name}: {one.reason}" for one in refused))
    for one in refused:
        logger.warning("%s failed: %s", one.name, one.reason)
    return entered


def as_file(entrant: Entrant) -> Entrant:
    """The file of a trained model, where an entrant is its path."""
    return KerasFile(model=entrant) if names_file(entrant) else entrant  # type: ignore[arg-type]


def _enter(
    entrant: Entrant, defaults: Defaults, data: Images, taken: set[str], seeds: Counter[str]
) -> Plan | Member | Refused:
    if isinstance(entrant, str):
        adapt, backbone = split_name(entrant)
        network = f"{adapt or defaults.adapt}:{backbone}"
        seeds[network] += 1
        return _complete(by_name(entrant, defaults, seeds[network]), data, taken)
    if isinstance(entrant, Plan):
        return _complete(entrant, data, taken)
    if isinstance(entrant, Member) and not entrant.fitted:
        return _complete(entrant.own_plan, data, taken)
    name = _unique(name_of(entrant), taken)
    try:
        return _fitted(entrant, name, data)
    except (ValueError, TypeError, NotImplementedError) as error:
        return Refused(name, str(error))


def by_name(name: str, defaults: Defaults, number: int = 1) -> Plan:
    """What a member of this name would be: the second of a name gets the next seed, so that it is another network.

    ``"probe:mobilenet_v2"`` is a probe of a backbone.
    """
    adapt, backbone = split_name(name)
    return Plan(
        backbone=backbone,
        adapt=adapt,
        head=defaults.head,
        weights=defaults.weights,
        weights_dir=defaults.weights_dir,
        resize=defaults.resize,
        high_pass=defaults.high_pass,
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


def name_of(entrant: Any) -> str:
    """Name a fitted network; raises a TypeError for what is none."""
    import keras

    if isinstance(entrant, Member | KerasFile):
        return entrant.name
    if isinstance(entrant, keras.Model):
        return as_name(entrant.name)
    raise TypeError(
        "Expected a backbone's name, the path of a .keras file, a Plan, a Member or a keras.Model; "
        f"received {type(entrant).__name__}."
    )


def _fitted(entrant: Any, name: str, data: Images) -> Member:
    """A fitted member of this name for the data, with its columns in the data's order where names tell.

    Raises:
        ValueError: a network that cannot be read, is none of images and classes, or of other ones than the data's.
    """
    member = entrant.renamed(name) if isinstance(entrant, Member) else adopted(entrant, name)
    shape, wanted = (member.image_size, member.class_count), (data.image_size, len(data.classes))
    if shape != wanted:
        raise ValueError(other_images(member.name, shape, wanted))
    if member.reading.depth_range not in (None, data.reading.depth_range):
        logger.warning(
            "%s learned from images with the depth range %s, and gets these with %s: load these with that range "
            "(depth_range=, --depth-range), or fit it anew",
            name,
            member.reading.depth_range,
            data.reading.depth_range,
        )
    return in_order(member, data.classes)


def other_images(name: str, own: tuple[Size, int], wanted: tuple[Size, int]) -> str:
    """Say of a network for images of another size, or for other classes, what to do: (height, width), and how many."""
    return (
        f"Expected a fitted member for images of {wanted[0]} and {wanted[1]} classes, as in the data; received "
        f"{name!r}, which takes images of {own[0]} and predicts {own[1]} classes. {_remedy(own, wanted)}"
    )


def _remedy(own: tuple[Size, int], wanted: tuple[Size, int]) -> str:
    """What to do about a network of another size or of other classes."""
    if own[1] != wanted[1]:
        return "Leave it out, or train one of these classes."
    (height, width), (high, wide) = own[0], wanted[0]
    return (
        f"Let it resize: keras.Sequential([keras.Input(({high}, {wide}, 3)), keras.layers.Resizing({height}, {width}), "
        f"model]); or load images of its size: image_size=({height}, {width}) (zoo: --image-size {height}x{width})."
    )


def adopted(entrant: Any, name: str) -> Member:
    """Take a Keras model, or the file of one, under a name."""
    if not isinstance(entrant, KerasFile):
        return Member.from_keras(entrant, name)
    return Member.from_keras(entrant.read(), name, classes=entrant.classes or None, pixels=entrant.pixels)


def _unique(name: str, taken: set[str]) -> str:
    """Number the second and later members of one name: Keras refuses two."""
    numbered = (name if number == 1 else f"{name}_{number}" for number in count(1))
    free = next(candidate for candidate in numbered if candidate not in taken)
    taken.add(free)
    return free
