"""What is typed on a command line, put over a configuration."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from zoo.config import Config, read_config

OWN_NONE = ("views", "calibration", "member_calibration")  # for which "none" is a choice of its own
OF_ANOTHER_POLICY = {"magnitude": None, "operations": None, "share": None}  # when a policy is typed over the file's


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
    given = {name: _meant(name, option) for name, option in options.items() if option is not None}
    own = {choice.name for choice in fields(Config)}
    inner = {name: option for name, option in given.items() if name not in own}
    if "augment" in inner:
        inner = OF_ANOTHER_POLICY | inner
    parts = {"recipe": _replaced(chosen.recipe, inner), "data": _replaced(chosen.data, inner)}
    return _replaced(chosen, given | parts)


def size(text: str | None) -> str | int | tuple[int, int] | None:
    """Read ``96`` or ``96x128``; ``none`` and None stay what they are.

    Raises:
        ValueError: something else.
    """
    if text is None or text == "none":
        return text
    sides = text.split("x")
    if len(sides) > 2 or not all(side.isdecimal() for side in sides):
        raise ValueError(f"Expected a side in pixels, HEIGHTxWIDTH or none; received {text!r}.")
    return int(text) if len(sides) == 1 else (int(sides[0]), int(sides[1]))


def _meant(name: str, option: Any) -> Any:
    return None if option == "none" and name not in OWN_NONE else option


def _replaced(value: Any, given: dict[str, Any]) -> Any:
    known = {choice.name for choice in fields(value)}
    return replace(value, **{name: option for name, option in given.items() if name in known})
