"""Whether the parts of an ensemble that was read belong together."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ensembles.rule import check_fitted
from ensembles.seals import REMEDY
from ensembles.uncertainty import SCORES
from zoo.state.state import EnsembleState


def check_state(state: EnsembleState, path: Path) -> EnsembleState:
    """Return an ensemble that was read if its members, rules and held-out predictions are of the same classes.

    Raises:
        ValueError: they are not; the message names the first that is wrong.
    """
    wrong = next(_wrong(state), None)
    if wrong:
        raise ValueError(f"Expected an ensemble in {path} as it was written; {wrong}. {REMEDY}.")
    return state


def _wrong(state: EnsembleState) -> Iterator[str]:
    shape = (len(state.members), len(state.class_names))
    labels, distribution = state.targets.labels, state.distribution
    if labels is not None and labels.shape != shape[1:]:
        yield f"it has {len(labels)} labels of {shape[1]} classes"
    for member in state.members:
        if (member.image_size, member.class_count) != (state.image_size, shape[1]):
            yield f"{member.name} takes images of {member.image_size} and has {member.class_count} classes"
    for name, rule in state.rules.items():
        if check_fitted(rule) != shape:
            yield f"the rule {name} is of other members or classes"
    if state.method not in state.rules:
        yield f"there is no rule {state.method!r}"
    if (len(state.held_out.logits), state.held_out.logits.shape[-1]) != shape:
        yield "the held-out predictions are of other members or classes"
    if distribution is not None and not 0 <= distribution.member < shape[0]:
        yield f"there is no member {distribution.member}"
    if state.uncertainty not in (*SCORES, "distance"):
        yield f"there is no uncertainty {state.uncertainty!r}"
