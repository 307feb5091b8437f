"""Options as dataclass fields that carry their own help and limits, so that each is declared in one place.

From the field come the class' documentation, its checks, the key in TOML and the option of the command line: see
:mod:`zoo.utils.typecheck` and :mod:`zoo.cli.command_options`.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from dataclasses import MISSING, Field, dataclass, field, fields
from numbers import Real
from typing import Any, TypeVar

import numpy as np

from zoo.utils import typecheck

Kind = TypeVar("Kind", bound=type)

DECLARED = "declared"  # the key of a field's metadata
WIDTH = 116


@dataclass(frozen=True, kw_only=True)
class Declared:
    """What is declared of an option beside its name, its type and its default.

    Attributes:
        help: what it is, for the class' documentation.
        short: the same in a line, for the command line; without it the command line does not offer the option.
        flag: its name on the command line, where that is not the field's.
        least: the lowest number that is allowed.
        above: the number that is just too low.
        most: the highest number that is allowed.
        below: the number that is just too high.
    """

    help: str
    short: str = ""
    flag: str = ""
    least: float | None = None
    above: float | None = None
    most: float | None = None
    below: float | None = None

    def allows(self, value: Any) -> bool:
        """Check whether a number is within the limits; what is no number has none."""
        if not isinstance(value, Real):
            return True
        value = float(value)
        enough = (self.least is None or value >= self.least) and (self.above is None or value > self.above)
        return enough and (self.most is None or value <= self.most) and (self.below is None or value < self.below)

    @property
    def limits(self) -> str:
        """The limits in words: ``of 0 or more``."""
        low = "" if self.least is None else f"of {self.least} or more"
        low = low if self.above is None else f"above {self.above}"
        high = "" if self.most is None else f"up to {self.most}"
        high = high if self.below is None else f"below {self.below}"
        return ", ".join(filter(None, (low, high)))


def option(
    default: Any = MISSING,
    *,
    help: str,
    factory: Callable[[], Any] | None = None,
    keyword: bool | Any = MISSING,
    **more: Any,
) -> Any:
    """Declare an option as a field of a dataclass.

    Args:
        default: its default value, where there is one.
        help: what it is, for the class' documentation.
        factory: makes the default, where it cannot be shared.
        keyword: it is given by its name alone; by default as the class is set.
        more: what else there is to declare, as fields of :class:`Declared`.

    Examples:
        >>> from dataclasses import dataclass
        >>> @dataclass
        ... class Options:
        ...     epochs: int = option(3, help="of the head.", short="Epochs of the head.", least=0)
        >>> check_options(Options(epochs=-1))
        Traceback (most recent call last):
        ValueError: Expected epochs as a whole number of 0 or more; received -1.
    """
    metadata = {DECLARED: Declared(help=help, **more)}
    if factory is not None:
        return field(default_factory=factory, metadata=metadata, kw_only=keyword)
    return field(default=default, metadata=metadata, kw_only=keyword)


def declared(own: Field[Any]) -> Declared:
    """What is declared of an option."""
    found: Declared = own.metadata[DECLARED]
    return found


def options_of(kind: type) -> dict[str, Field[Any]]:
    """The options of a dataclass, by name."""
    return {own.name: own for own in fields(kind) if DECLARED in own.metadata}


def offered(kind: type) -> dict[str, Field[Any]]:
    """Those that the command line offers."""
    return {name: own for name, own in options_of(kind).items() if declared(own).short}


def as_plain_numbers(value: Any) -> None:
    """Make NumPy's numbers in a dataclass' fields Python's, which JSON takes, and 1 of a field of fractions 1.0.

    What is one choice then has one text, and so one key.
    """
    for own in fields(value):
        plain = _plain(getattr(value, own.name))
        kinds = {kind.strip() for kind in str(own.type).split("|")}
        whole = type(plain) is int and "float" in kinds and "int" not in kinds
        object.__setattr__(value, own.name, float(plain) if whole else plain)


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    if type(value) in (list, tuple):
        return type(value)(map(_plain, value))
    return {name: _plain(one) for name, one in value.items()} if type(value) is dict else value


def check_options(value: Any, kind: type | None = None) -> None:
    """Check a dataclass' options against their annotations and their limits.

    Args:
        value: the instance.
        kind: the class whose options are checked; by default all that it has.

    Raises:
        ValueError: one that does not fit.
    """
    for own in options_of(kind or type(value)).values():
        check_option(kind or type(value), own, getattr(value, own.name), own.name)


def check_option(kind: type, own: Field[Any], value: Any, what: str) -> None:
    """Check a value for one option of a dataclass.

    Raises:
        ValueError: it does not fit.
    """
    about = declared(own)
    typecheck.check(value, typecheck.hints(kind)[own.name], what, within=about.allows, limits=about.limits)


def documented(kind: Kind) -> Kind:
    """Write the help of a dataclass' options into its docstring, instead of a line ``{options}``."""
    lines = [_paragraph(own) for own in options_of(kind).values()]
    kind.__doc__ = (kind.__doc__ or "").replace("    {options}", "\n".join(lines).rstrip())
    return kind


def _paragraph(own: Field[Any]) -> str:
    text = f"{own.name}: {declared(own).help}"
    return textwrap.fill(text, WIDTH, initial_indent=" " * 8, subsequent_indent=" " * 12, break_on_hyphens=False)
