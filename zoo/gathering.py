"""From entrants to members in the store: trained, found or taken over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zoo.data.images import Splits
from zoo.member import Member
from zoo.plan import Plan
from zoo.recipe import Recipe
from zoo.running import Outcome, run
from zoo.store import Store, adopted_key

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class Gathered:
    """Who can answer, and who cannot.

    Attributes:
        members: those that can, in the order in which they entered.
        keys: their keys in the store.
        failures: by name, the reason of each that cannot.
    """

    members: list[Member]
    keys: list[str]
    failures: dict[str, str]


def gather(
    entrants: Sequence[Plan | Member],
    recipe: Recipe,
    data: Splits,
    store: Store,
    *,
    processes: int = 1,
    callbacks: Sequence[keras.callbacks.Callback] = (),
) -> Gathered:
    """Train the plans that the store lacks, and keep the fitted members as they are.

    Raises:
        RuntimeError: nobody can answer; the message has the reasons.
    """
    plans = [entrant for entrant in entrants if isinstance(entrant, Plan)]
    trained = iter(run(plans, recipe, data, store, processes=processes, callbacks=callbacks))
    outcomes = [next(trained) if isinstance(entrant, Plan) else _keep(entrant, store) for entrant in entrants]
    failures = {entrant.name: made.reason for entrant, made in zip(entrants, outcomes, strict=True) if made.reason}
    if len(failures) == len(entrants):
        raise RuntimeError("Every member failed:\n" + "\n".join(f"  {n}: {r}" for n, r in failures.items()))
    present = [(entrant, made.key) for entrant, made in zip(entrants, outcomes, strict=True) if made.key]
    members = [store.member(key).renamed(entrant.name) for entrant, key in present]
    return Gathered(members, [key for _, key in present], failures)


def _keep(member: Member, store: Store) -> Outcome:
    key = adopted_key(member)
    if store.find(key) is None:
        store.keep(key, member)
    return Outcome(key=key)
