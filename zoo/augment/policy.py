"""Which augmentation, how strong and how often, as one value; and the register of policies."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, TypeAlias

from zoo.augment.orientation import AS_POLICY, FLIPS, FREE
from zoo.utils.text import suggestion

if TYPE_CHECKING:
    from numpy.random import Generator

    from zoo.augment.steps import Step
    from zoo.utils.text import Size

    Draw: TypeAlias = Callable[[Generator, Size, "Stage"], list[Step]]

VERSION = 1  # of the pixels: counts up when all policies draw other pictures


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One named policy with its options, of which it may heed only some.

    Attributes:
        name: the policy.
        magnitude: 0 to 1, how much of each operation's range is used.
        operations: the fewest and the most operations drawn for an image.
        share: 0 to 1, how many of the images are changed at all.
    """

    name: str
    magnitude: float = 1.0
    operations: tuple[int, int] = (1, 1)
    share: float = 1.0


@dataclass(frozen=True)
class Policy:
    """What is done to an image while training; :func:`make_policy` makes one.

    Attributes:
        stages: the named policies, whose steps follow each other; none at all leaves images as they are.
        flips: which of their flips are left, one of :data:`zoo.augment.orientation.FLIPS`.
    """

    stages: tuple[Stage, ...] = ()
    flips: str = AS_POLICY

    @property
    def is_identity(self) -> bool:
        """Whether images stay as they are."""
        return not self.stages

    def identity(self) -> dict[str, Any]:
        """All that decides the pixels, as plain JSON values, for keys of what was trained with them."""
        stages = [_plain(stage) for stage in self.stages]
        kept = {} if self.flips == AS_POLICY else {"flips": self.flips}
        kept |= {} if self.flips in FREE else {"turns": "in sum"}  # each was limited by itself before
        return {"version": VERSION, "stages": stages, **kept}


@dataclass(frozen=True)
class Entry:
    """The register's record of a policy.

    Attributes:
        draw: draws the steps for one picture: from a generator, ``(height, width)`` and the stage.
        default: its options, where none are given.
        heeds: names of the options that it takes.
        most_operations: how many it can draw; None for any number.
        version: of its pixels: counts up when the policy alone draws other pictures.
    """

    draw: Draw
    default: Stage
    heeds: tuple[str, ...]
    most_operations: int | None
    version: int = 1


NONE = "none"  # the policy that leaves images as they are
ENTRIES: dict[str, Entry] = {}
"""The policies but ``none``, by name."""


def policy(
    name: str, *, heeds: Sequence[str] = (), most_operations: int | None = None, version: int = 1, **default: Any
) -> Callable[[Draw], Draw]:
    """Enter a function that draws steps as a policy: :mod:`zoo.augment.policies` has a module for each.

    Args:
        name: the policy's.
        heeds: of ``magnitude``, ``operations`` and ``share``, the options that it takes.
        most_operations: how many operations it can draw.
        version: of its pixels.
        default: fields of :class:`Stage`, where no options are given.

    Raises:
        ValueError: another module's policy has the name already.
    """

    def enter(draw: Draw) -> Draw:
        known = ENTRIES.get(name)
        if known is not None and known.draw.__module__ != draw.__module__:  # equal where a file is reloaded
            raise ValueError(
                f"Expected a new name; received {name!r}, which the policy of {known.draw.__module__} has. "
                "Choose another."
            )
        stage = Stage(name=name, **default)
        ENTRIES[name] = Entry(draw, stage, tuple(heeds), most_operations, version)
        return draw

    return enter


def _plain(stage: Stage) -> dict[str, Any]:
    version = ENTRIES[stage.name].version
    own = {} if version == 1 else {"version": version}  # the first ones had none
    return {**asdict(stage), "operations": list(stage.operations), **own}


def policy_names() -> tuple[str, ...]:
    """Names of all policies, ``none`` first."""
    return (NONE, *sorted(ENTRIES))


def make_policy(
    names: str | Sequence[str],
    *,
    magnitude: float | None = None,
    operations: int | None = None,
    share: float | None = None,
    flips: str = AS_POLICY,
) -> Policy:
    """Make a policy of one name, or of several whose steps follow each other.

    Args:
        names: of :func:`policy_names`: ``none``; ``flips``, in both directions; ``standard``, the student report's
            flips, rotation, translation, zoom and contrast; ``rand``, RandAugment (Cubuk et al., arXiv:1909.13719);
            ``composite``, geometry, colour, occlusion and degradation as winners of contests combine them;
            ``robust``, a warp and none to three moderate changes of stain, light, texture, lens, sensor and file, for
            test sets unlike the training set;
            ``trivial``, TrivialAugment (Müller and Hutter, arXiv:2103.10158).
        magnitude: 0 to 1, how much of each operation's range is used; for standard, rand, composite and
            robust. Flips do not obey it, nor do the rotations of composite and robust: at 0 their images are still
            flipped, turned by any angle, and degraded at the weakest.
        operations: operations drawn for an image; for rand, for composite 1 to 4 and for robust 1 to 8.
        share: 0 to 1, how many of the images are changed at all; for all but none and flips.
        flips: the mirror images that are still of their class: ``none``, ``horizontal`` (left and right change sides),
            ``vertical`` or ``both``. Others are left out, and unless it is both, turns go up to 15 degrees only.
            ``policy`` leaves flips and turns as the policies make them.

    Of several policies, those that have an option take it, and each draws for itself which images it changes. None is
    each policy's own default.

    Raises:
        TypeError: not names of policies.
        ValueError: an unknown name, an option out of its range, or one that none of the named policies has.

    Examples:
        >>> make_policy("rand", magnitude=0.3).stages
        (Stage(name='rand', magnitude=0.3, operations=(2, 2), share=0.8),)
        >>> make_policy("none").is_identity
        True
    """
    listed = _listed(names)
    _check_share("magnitude", magnitude)
    _check_share("share", share)
    _check_operations(operations, listed)
    if flips not in FLIPS:
        raise ValueError(f"Expected flips as one of {', '.join(FLIPS)}; received {flips!r}. {suggestion(flips, FLIPS)}")
    given = _given(magnitude, operations, share)
    for option in given:
        _check_heeded(option, listed)
    return Policy(tuple(_stage(name, given) for name in listed if name != NONE), flips)


def _listed(names: str | Sequence[str]) -> list[str]:
    if not isinstance(names, Sequence):
        raise TypeError(f"Expected the name of a policy, or a list of names; received {names!r}.")
    listed = [names] if isinstance(names, str) else list(names)
    if not listed:
        raise ValueError(f"Expected one policy or more of {', '.join(policy_names())}; received none.")
    for unknown in (name for name in listed if name not in policy_names()):
        raise ValueError(f"Expected the name of a policy; received {unknown!r}. {suggestion(unknown, policy_names())}")
    return listed


def _given(magnitude: float | None, operations: int | None, share: float | None) -> dict[str, Any]:
    """Keep the options that are no None, as plain numbers."""
    given: dict[str, Any] = {} if magnitude is None else {"magnitude": float(magnitude)}
    given |= {} if operations is None else {"operations": (int(operations), int(operations))}
    return given | ({} if share is None else {"share": float(share)})


def _stage(name: str, given: Mapping[str, Any]) -> Stage:
    """Put options over a policy's own, where it heeds them."""
    entry = ENTRIES[name]
    return replace(entry.default, **{option: given[option] for option in entry.heeds if option in given})


def _check_share(option: str, value: float | None) -> None:
    if value is not None and (not isinstance(value, Real) or isinstance(value, bool) or not 0 <= value <= 1):
        raise ValueError(f"Expected {option} as a number of 0 to 1; received {value!r}.")


def _check_operations(value: int | None, names: Sequence[str]) -> None:
    limits = [ENTRIES[name].most_operations for name in names if name != NONE]
    most = min((limit for limit in limits if limit is not None), default=None)
    whole = isinstance(value, Integral) and not isinstance(value, bool)
    if value is not None and (not whole or value < 1 or (most is not None and value > most)):
        expected = "1 or more" if most is None else f"1 to {most}"
        raise ValueError(f"Expected operations as a whole number of {expected}; received {value!r}.")


def _check_heeded(option: str, names: Sequence[str]) -> None:
    having = [name for name, entry in ENTRIES.items() if option in entry.heeds]
    if not set(having) & set(names):
        raise ValueError(
            f"Expected a policy that has {option}: {', '.join(having)}; received {', '.join(names)}. "
            f"Leave {option} out."
        )
