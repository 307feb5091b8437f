"""Members to leave out of an export because that costs nothing, or so that it keeps a time."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ensembles.bootstrap import Interval
from ensembles.pruning import ALLOWED, Pruning, fewest_rows, prune
from zoo.ensemble_options import DISTANCE, MUTUAL
from zoo.evaluation.subsets import SubsetPredictions, state_of
from zoo.state.state import EnsembleState
from zoo.utils.progress import phase

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Selection:
    """What of an ensemble is exported.

    Attributes:
        state: of the members that are left, with the rule.
        method: the rule.
        record: for the manifest: what was left out, and why.
    """

    state: EnsembleState
    method: str
    record: Mapping[str, Any]


@dataclass(frozen=True)
class Needs:
    """What an uncertainty needs: members by index, and how many at least."""

    members: frozenset[int] = frozenset()
    least: int = 1


def needs_of(state: EnsembleState, *, uncertainty: bool) -> Needs:
    """Say which members an export with an uncertainty cannot be without."""
    if not uncertainty:
        return Needs()
    if state.uncertainty == DISTANCE and state.distribution is not None:
        return Needs(frozenset({state.distribution.member}))
    return Needs(least=2 if state.uncertainty == MUTUAL else 1)


def pruned(state: EnsembleState, method: str, *, uncertainty: bool) -> Selection:
    """Leave out the members without which the rule is no worse, by the paired interval on held-out images, and log it.

    See :func:`ensembles.pruning.prune`. The rule is fitted anew to what is left.
    """
    held_out, needs = state.held_out, needs_of(state, uncertainty=uncertainty)
    costs = [member.parameters for member in state.members]
    with phase("pruning"):
        found = prune(
            SubsetPredictions(state, method).of,
            costs,
            held_out.labels,
            groups=held_out.groups,
            needed=needs.members,
            least=min(needs.least, len(costs)),
        )
        smaller = state_of(state, found.kept, method) if len(found.kept) < len(costs) else state
    names = [member.name for member in state.members]
    left_out = [name for index, name in enumerate(names) if index not in found.kept]
    why = _why(found, names, left_out, len(held_out.labels))
    logger.info("%s", why)
    return Selection(smaller, method, {"left_out": left_out, "why": why, "allowed_loss": ALLOWED, **_figures(found)})


def _figures(found: Pruning) -> dict[str, Any]:
    return {"difference": None if found.difference is None else found.difference.as_dict()}


def _why(found: Pruning, names: list[str], left_out: list[str], rows: int) -> str:
    if left_out and found.difference:
        told = f"balanced accuracy {_text(found.difference)} on {rows} held-out images that had no part in the choice"
        return f"left out: {', '.join(left_out)} ({told}; losses up to {ALLOWED:g} are ignored)"
    if left_out:
        return f"left out: {', '.join(left_out)}, without which predictions are the same"
    if found.refused and found.difference:
        without = f"without {', '.join(names[index] for index in found.refused)}"
        told = f"{without} balanced accuracy changes by {_text(found.difference)}"
        return f"no member is left out: {told} on held-out images that had no part in the choice"
    if not found.removal:
        return "no member is left out: there is no other"
    if rows < fewest_rows():
        return f"no member is left out: {rows} held-out images cannot show that it costs nothing, {fewest_rows()} can"
    index, gain = max(found.removal.items(), key=lambda pair: pair[1].low)
    loss = f"more than {ALLOWED:g} may be lost" if gain.low < -ALLOWED else "log loss rises"
    return f"no member is left out: without {names[index]} balanced accuracy changes by {_text(gain)}, and {loss}"


def _text(gain: Interval) -> str:
    return f"{gain.value:+.4f} (95 % {gain.low:+.4f} to {gain.high:+.4f})"
