"""What an ensemble was fitted from, kept so that a loaded one can be fitted again: names, plans, and fitted members."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from zoo.members.member import Member
from zoo.models import plan as plans
from zoo.models.adaptation import split_name
from zoo.models.keras_file import names_file
from zoo.models.plan import Plan
from zoo.models.registry import names
from zoo.utils.text import repeat

if TYPE_CHECKING:
    from zoo.members.entrants import Entrant, Refused

Entered: TypeAlias = Mapping[str, Any]


def entered(
    members: Sequence[Entrant], entrants: Sequence[Plan | Member | Refused], able: Collection[str]
) -> tuple[Entered, ...]:
    """Describe what entered as JSON values; a fitted one that was refused did not.

    Args:
        members: as the user gave them.
        entrants: what :func:`zoo.members.entrants.enter` made of them.
        able: names of the members that take part.
    """
    pairs = zip(repeat(members), entrants, strict=True)
    return tuple(_described(given, own) for given, own in pairs if isinstance(own, Plan) or own.name in able)


def _described(given: Entrant, own: Plan | Member | Refused) -> Entered:
    if not isinstance(own, Plan):
        return {"member": own.name}
    if isinstance(given, str) and not names_file(given):
        return {"backbone": given, "name": own.name}
    return {"plan": (given if isinstance(given, Plan) else own).as_dict(), "name": own.name}


def to_enter(records: Sequence[Entered], members: Sequence[Member]) -> list[str | Plan | Member]:
    """Make what :func:`entered` described again.

    A backbone that is not registered here cannot be trained: its member enters as it is. Of runs of earlier versions,
    which have no such records, members enter by their plans.
    """
    if not records:
        return [member.plan or member for member in members]
    fitted = {member.name: member for member in members}
    made = [_made(record, fitted) for record in records]
    return [one for one in made if one is not None]


def _made(record: Entered, fitted: Mapping[str, Member]) -> str | Plan | Member | None:
    if "backbone" in record and split_name(record["backbone"])[1] in names():
        return str(record["backbone"])
    plan = next(plans.registered([record.get("plan")]), None)
    return plan or fitted.get(record.get("member") or record["name"])
