"""What decided a member's weights, kept beside it, so that a fit can say which choice makes it train another one."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from zoo.members.files import CHOICES_FILE, RECORD_FILE
from zoo.members.store import Store
from zoo.utils.files import read_json, write_json
from zoo.utils.text import listed

logger = logging.getLogger(__name__)

MOST_NAMED = 6  # differences in a message
DATA = {"train": "training images", "validation": "validation images"}
ABSENT = object()


def write_choices(folder: Path, choices: Mapping[str, Any]) -> None:
    """Keep the choices in a member's folder; where the disk is full, they are left out."""
    try:
        write_json(folder / CHOICES_FILE, choices)
    except OSError as error:
        logger.debug("the choices of %s are not kept: %s", folder, error)


def tell_of_others(store: Store, name: str, choices: Mapping[str, Any]) -> None:
    """Log, before a member is trained, in what it differs from the most alike one of its name in the store."""
    known = []
    for before in _of_name(store, name):
        with suppress(TypeError, AttributeError):  # somebody changed the file, and no answer depends on it
            if before.get("cut"):  # a part of a training that goes on
                continue
            known.append(differences(before, choices))
    if known:
        found = min(known, key=len)
        how = listed(found, MOST_NAMED) or "other versions or files"
        logger.info("%s is in %s under other choices, and is trained anew: %s", name, store.root, how)


def differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Name what differs between the choices of two members: ``epochs 2, now 10``."""
    old, new = dict(_leaves(before)), dict(_leaves(now))
    names = [name for name in {**old, **new} if old.get(name, ABSENT) != new.get(name, ABSENT)]
    recipe = [name for name in names if name != "policy"] or names  # which follows from the recipe
    return [_said(name, _text(old, name), _text(new, name)) for name in recipe]


def _of_name(store: Store, name: str) -> Iterator[dict[str, Any]]:
    """The choices of the members of a name; those that earlier versions wrote have none, and are left out."""
    for path in sorted(store.members.glob(f"*/{CHOICES_FILE}")):
        try:
            if read_json(path.with_name(RECORD_FILE))["name"] == name:
                yield read_json(path)
        except (OSError, ValueError, KeyError, TypeError) as error:
            logger.debug("%s is not read: %s", path, error)


def _leaves(choices: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Each choice by the name that a user knows it by, as JSON has it."""
    for name, value in choices.items():
        if name in ("plan", "recipe"):
            for own, chosen in value.items():
                yield from _named(own, chosen)
        else:
            yield name, _plain(value)


def _named(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for own, chosen in value.items():
            yield f"{name}.{own}", _plain(chosen)
    else:
        yield name, _plain(value)


def _plain(value: Any) -> Any:
    return [_plain(one) for one in value] if isinstance(value, list | tuple) else value


def _said(name: str, before: str, now: str) -> str:
    if name in DATA:
        return DATA[name]
    if name.endswith(".source"):
        return f"the code of {name.removesuffix('.source')}"
    return f"what {name} {now} do" if name == "callbacks" and now == before else f"{name} {before}, now {now}"


def _text(choices: Mapping[str, Any], name: str) -> str:
    value = choices.get(name)
    if name == "callbacks":
        return ", ".join(own.split()[0] for own in value) if value else "none"
    text = "none" if value is None else str(value)
    return text if len(text) <= 40 else f"{text[:37]}..."
