"""Options of the command line, made from the dataclass fields that declare them, and put over a configuration."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from dataclasses import Field, replace
from inspect import Parameter, Signature, signature
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from zoo.cleaning.preparation_options import Preparation
from zoo.config import Config, read_config
from zoo.training.recipe import Recipe
from zoo.utils.option_fields import check_option, declared, offered, options_of
from zoo.utils.text import AnySize
from zoo.utils.typecheck import choices, fits, hints, read

Command = TypeVar("Command", bound=Callable[..., Any])

PANELS = {Config: "Members and rules", Recipe: "Training", Preparation: "Images"}  # heads of the help
OWNERS = {"": Config, "recipe": Recipe, "data": Preparation}  # by their field of the configuration
SETTLES = {"augment": ("magnitude", "operations", "share"), "mix": ("mix_alpha",)}  # what was meant for the file's


def offering(*kinds: type, only: Collection[str] = ()) -> Callable[[Command], Command]:
    """Give a command, instead of its ``**options``, an option for each field that some dataclasses offer.

    What is not typed is None.

    Args:
        kinds: the dataclasses.
        only: names of the fields that are meant; by default all.
    """

    def offer(command: Command) -> Command:
        own = [each for each in signature(command, eval_str=True).parameters.values() if each.kind != each.VAR_KEYWORD]
        names = [(kind, name) for kind in kinds for name in offered(kind) if not only or name in only]
        made = Signature([*own, *(_parameter(kind, name) for kind, name in names)])
        command.__signature__ = made  # type: ignore[attr-defined]
        command.__annotations__ = {name: each.annotation for name, each in made.parameters.items()}
        return command

    return offer


def option_of(kind: type, name: str) -> Any:
    """Describe a field to typer, by its own help and the words that it may be."""
    own, words = options_of(kind)[name], choices(hints(kind)[name])
    help = declared(own).short + (f" One of {', '.join(words)}." if words else "")
    panel = next(head for known, head in PANELS.items() if issubclass(kind, known))
    flag = _flag(own, switch=_typed(hints(kind)[name]) is bool)
    return typer.Option(flag, help=help, show_default=False, rich_help_panel=panel)


def choose(file: Path | None, **options: Any) -> Config:
    """Read a file, or take the default, and replace what was typed.

    Args:
        file: a TOML file.
        options: fields of the configuration, or of its recipe or its preparation of data where the configuration
            has none of that name; None leaves the file's choice, and the word ``none`` takes it away.

    Raises:
        FileNotFoundError: no such file.
        ValueError: what :func:`zoo.config.read_config` refuses, or an option out of its range.
    """
    chosen = read_config(file) if file else Config()
    typed = {name: value for name, value in options.items() if value not in (None, [])}
    settled = {other: None for name in typed for other in SETTLES.get(name, ())}
    values = settled | {name: _meant(name, value) for name, value in typed.items()}
    parts = {part: replace(getattr(chosen, part), **_owned(part, values)) for part in OWNERS if part}
    return replace(chosen, **_owned("", values), **parts)


def size(text: str, what: str) -> str | int | tuple[int, int]:
    """Read the pixels of ``96`` or ``96x128``; ``none`` stays what it is.

    Args:
        text: what was typed.
        what: the option.

    Raises:
        ValueError: something else.
    """
    sides = text.split("x")
    if text == "none":
        return text
    if len(sides) > 2 or not all(side.isdecimal() for side in sides):
        raise ValueError(f"Expected {what} as a side in pixels, HEIGHTxWIDTH or none; received {text!r}.")
    return int(text) if len(sides) == 1 else (int(sides[0]), int(sides[1]))


def numbers(text: str, what: str) -> str | tuple[float, ...]:
    """Read the numbers of ``0,4095``; ``none`` stays what it is.

    Args:
        text: what was typed.
        what: the option.

    Raises:
        ValueError: something else.
    """
    try:
        return text if text == "none" else tuple(float(part) for part in text.split(","))
    except ValueError as error:
        raise ValueError(f"Expected {what} as numbers with commas between; received {text!r}.") from error


def as_typed(side: AnySize) -> str:
    """Write pixels as :func:`size` reads them."""
    return str(side) if isinstance(side, int) else "x".join(map(str, side))


def _parameter(kind: type, name: str) -> Parameter:
    annotation = Annotated[_typed(hints(kind)[name]) | None, option_of(kind, name)]  # type: ignore[valid-type]
    return Parameter(name, Parameter.KEYWORD_ONLY, default=None, annotation=annotation)


def _typed(kind: Any) -> Any:
    """What typer reads: several words where a field takes a list of them, a word where it takes more than numbers."""
    if fits(True, kind):
        return bool
    if fits(("word",), kind):
        return list[str]
    if fits("word", kind) or fits((1, 1), kind) or choices(kind):
        return str
    return float if fits(0.5, kind) else int


def _flag(own: Field[Any], *, switch: bool) -> str:
    """The option's name; what can be switched on can be switched off, over a file."""
    name = own.name.replace("_", "-")
    return declared(own).flag or (f"--{name}/--no-{name}" if switch else f"--{name}")


def _owner(name: str) -> str:
    return next(part for part, kind in OWNERS.items() if name in options_of(kind))


def _owned(part: str, values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if _owner(name) == part}


def _meant(name: str, typed: Any) -> Any:
    """Take what was typed for a field's value, and check it while the option's name is known."""
    owner = OWNERS[_owner(name)]
    own, kind = options_of(owner)[name], hints(owner)[name]
    flag = _flag(own, switch=False)
    if isinstance(typed, str) and fits((1, 1), kind):
        typed = size(typed, flag) if fits(1, kind) else numbers(typed, flag)
    elif isinstance(typed, str):
        typed = next((number for number in _numbers(typed) if fits(number, kind)), typed)
    value = read(typed, kind, flag)
    check_option(owner, own, value, flag)
    return value


def _numbers(text: str) -> Iterator[int | float]:
    for number in (int, float):
        with suppress(ValueError):
            yield number(text)
