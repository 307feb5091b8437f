"""The order of a fitted member's classes: by their names where these are known, else by what it answers."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from copy import copy

from zoo.members.member import Member
from zoo.models.from_keras import reordered
from zoo.utils.text import nfc

logger = logging.getLogger(__name__)


def table_of(keys: str) -> str:
    """Say where keys of a trained model's member are written for ``zoo fit``, whose ``--member`` takes a path alone."""
    return f'zoo fit FILE.toml with [[members]] model = "mine.keras", {keys}'


def in_order(member: Member, classes: Sequence[str]) -> Member:
    """Put a fitted member's columns into the order of some classes, by name.

    A member whose classes are not known is left as it is. So is one whose names all differ from the data's, with a
    warning.

    Raises:
        ValueError: names that were given are not the data's; or some are the same and stand at other places, so that
            nothing tells which is meant.
    """
    own, wanted = _plain(member.classes or ()), _plain(classes)
    if own == wanted or not own:
        return member
    if set(own) == set(wanted):
        logger.info("%s: its columns are put into the order of the data's classes", member.name)
        return _reordered(member, [own.index(name) for name in wanted], tuple(classes))
    elsewhere = [name for place, name in enumerate(wanted) if name in own and own[place] != name]
    if elsewhere or member.named:
        raise ValueError(
            f"Expected a member of the classes {', '.join(classes)}; received one of "
            f"{', '.join(member.classes or ())}. Name them as the data does: Member.from_keras(model, classes=[...]), "
            f"or {table_of('classes = [...]')}."
        )
    logger.warning(
        "%s: its classes %s are taken for %s, by their place", member.name, ", ".join(own), ", ".join(wanted)
    )
    return member


def _reordered(member: Member, columns: Sequence[int], classes: tuple[str, ...]) -> Member:
    """The same member with other columns first, as a network from elsewhere: it has no plan."""
    moved = copy(member)
    moved.learned_from = member.learned_from  # read now: what is moved has no folder
    moved.plan, moved.classes = None, classes
    moved.columns = tuple(columns if member.columns is None else (member.columns[column] for column in columns))
    moved._model, moved._folder, moved._record = reordered(member.model, columns), None, {}
    return moved


def _plain(names: Sequence[str]) -> tuple[str, ...]:
    """Names in one Unicode form, as file systems differ in theirs."""
    return tuple(nfc(str(name)) for name in names)
