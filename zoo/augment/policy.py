"""Which augmentation, how strong and how often, as one value. Plain Python: nothing here touches pixels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from numbers import Integral, Real
from typing import Any

from zoo.utils.text import suggestion

VERSION = 1  # of the pixels: counts up when the same policy draws other pictures


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One named policy with its options; ``OPTIONS`` has those that it heeds.

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
    """

    stages: tuple[Stage, ...] = ()

    @property
    def is_identity(self) -> bool:
        """Whether images stay as they are."""
        return not self.stages

    def identity(self) -> dict[str, Any]:
        """All that decides the pixels, as plain JSON values, for keys of what was trained with them."""
        stages = [{**asdict(stage), "operations": list(stage.operations)} for stage in self.stages]
        return {"version": VERSION, "stages": stages}


POLICIES: tuple[str, ...] = ("none", "flips", "standard", "rand", "composite", "trivial")
OPTIONS = {
    "standard": ("magnitude", "share"),
    "rand": ("magnitude", "operations", "share"),
    "composite": ("magnitude", "operations", "share"),
    "trivial": ("share",),
}
DEFAULTS = {
    "standard": Stage(name="standard", magnitude=0.5),
    "rand": Stage(name="rand", magnitude=0.5, operations=(2, 2), share=0.8),
    "composite": Stage(name="composite", magnitude=0.7, operations=(2, 4), share=0.9),
}
MOST_OPERATIONS = {"composite": 4}  # an operation of each of its four groups


def make_policy(
    names: str | Sequence[str],
    *,
    magnitude: float | None = None,
    operations: int | None = None,
    share: float | None = None,
) -> Policy:
    """Make a policy of one name, or of several whose steps follow each other.

    Args:
        names: of ``POLICIES``: ``none``; ``flips``, in both directions; ``standard``, the student report's flips,
            rotation, translation, zoom and contrast; ``rand``, RandAugment (Cubuk et al., arXiv:1909.13719);
            ``composite``, geometry, colour, occlusion and degradation as winners of contests combine them;
            ``trivial``, TrivialAugment (Müller and Hutter, arXiv:2103.10158).
        magnitude: 0 to 1, how much of each operation's range is used; for standard, rand and composite. Flips do
            not obey it, nor does composite's rotation: at 0 its images are still flipped, turned by any angle, and
            degraded at the weakest.
        operations: operations drawn for an image; for rand, and for composite 1 to 4.
        share: 0 to 1, how many of the images are changed at all; for all but none and flips.

    Of several policies, those that have an option take it, and each draws for itself which images it changes. None is
    each policy's own default, in ``DEFAULTS``.

    Raises:
        TypeError: names that are none.
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
    given = _given(magnitude, operations, share)
    for option in given:
        _check_heeded(option, listed)
    return Policy(tuple(_stage(name, given) for name in listed if name != "none"))


def _listed(names: str | Sequence[str]) -> list[str]:
    if not isinstance(names, Sequence):
        raise TypeError(f"Expected the name of a policy, or a list of names; received {names!r}.")
    listed = [names] if isinstance(names, str) else list(names)
    if not listed:
        raise ValueError(f"Expected one policy or more of {', '.join(POLICIES)}; received none.")
    for unknown in (name for name in listed if name not in POLICIES):
        raise ValueError(f"Expected the name of a policy; received {unknown!r}. {suggestion(unknown, POLICIES)}")
    return listed


def _given(magnitude: float | None, operations: int | None, share: float | None) -> dict[str, Any]:
    """Keep the options that are no None, as plain numbers."""
    given: dict[str, Any] = {} if magnitude is None else {"magnitude": float(magnitude)}
    given |= {} if operations is None else {"operations": (int(operations), int(operations))}
    return given | ({} if share is None else {"share": float(share)})


def _stage(name: str, given: Mapping[str, Any]) -> Stage:
    """Put options over a policy's own, where it heeds them."""
    heeded = {option: given[option] for option in OPTIONS.get(name, ()) if option in given}
    return replace(DEFAULTS.get(name, Stage(name=name)), **heeded)


def _check_share(option: str, value: float | None) -> None:
    if value is not None and (not isinstance(value, Real) or isinstance(value, bool) or not 0 <= value <= 1):
        raise ValueError(f"Expected {option} as a number of 0 to 1; received {value!r}.")


def _check_operations(value: int | None, names: Sequence[str]) -> None:
    most = min((MOST_OPERATIONS[name] for name in names if name in MOST_OPERATIONS), default=None)
    whole = isinstance(value, Integral) and not isinstance(value, bool)
    if value is not None and (not whole or value < 1 or (most is not None and value > most)):
        expected = "1 or more" if most is None else f"1 to {most}"
        raise ValueError(f"Expected operations as a whole number of {expected}; received {value!r}.")


def _check_heeded(option: str, names: Sequence[str]) -> None:
    if not any(option in OPTIONS.get(name, ()) for name in names):
        having = ", ".join(name for name in POLICIES if option in OPTIONS.get(name, ()))
        raise ValueError(
            f"Expected a policy that has {option}: {having}; received {', '.join(names)}. Leave {option} out."
        )
