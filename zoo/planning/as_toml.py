"""A choice as the TOML file that gives the same run without a preset."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

import tomli_w

import ensembles
from zoo.ensemble_options import EnsembleOptions
from zoo.models.head import Head
from zoo.models.plan import Plan
from zoo.planning.preset_choice import Choice
from zoo.training.recipe import Recipe
from zoo.utils.option_fields import options_of

CHOSEN_BY = ("preset", "time_limit")


def as_toml(choice: Choice, options: EnsembleOptions) -> str:
    """Write members and options as TOML; what is at its default is left out.

    Args:
        choice: what was chosen.
        options: of the ensemble, with what the user chose.
    """
    plans, chosen = choice.plans, choice.over(options)
    common = replace(
        plans[0],
        weights=None if plans[0].weights is None else chosen.weights,
        high_pass=chosen.high_pass,
        head=chosen.head or Head(),
        seed=chosen.seed,
    )
    whole: dict[str, Any] = {"members": [_member(plans[:number], plan, common) for number, plan in enumerate(plans)]}
    if common.resize is not None:
        whole["resize"] = _plain(common.resize)
    own = {name: getattr(chosen, name) for name in options_of(EnsembleOptions) if name not in CHOSEN_BY}
    apart = ("recipe", "head", "resize")
    whole |= changed({name: value for name, value in own.items() if name not in apart}, EnsembleOptions)
    if plans[0].weights is None:
        whole["weights"] = "none"
    if chosen.head is not None:
        whole["head"] = asdict(chosen.head)
    return tomli_w.dumps(whole | {"recipe": changed(asdict(choice.recipe), Recipe)})


def _member(before: Sequence[Plan], plan: Plan, common: Plan) -> str | dict[str, Any]:
    """A member by its name, or as a table where it has options of its own."""
    word = f"{plan.adapt}:{plan.backbone}" if plan.adapt else plan.backbone
    seed = common.seed + sum((one.backbone, one.adapt) == (plan.backbone, plan.adapt) for one in before)
    expected = {"seed": seed} | {name: getattr(common, name) for name in ("weights", "resize", "high_pass", "head")}
    own = {name: _plain(getattr(plan, name)) for name, value in expected.items() if getattr(plan, name) != value}
    if not own:
        return word
    return {"backbone": plan.backbone} | ({"adapt": plan.adapt} if plan.adapt else {}) | own


def changed(values: Mapping[str, Any], kind: type) -> dict[str, Any]:
    """What differs from its default, as TOML can hold it."""
    return {name: _plain(value) for name, value in values.items() if value != getattr(kind, name)}


def _plain(value: Any) -> Any:
    if value is None:
        return "none"
    if isinstance(value, Head):
        return asdict(value)
    if isinstance(value, ensembles.Rule):  # whose own options TOML has no words for
        return value.name
    return value if isinstance(value, bool | int | float | list | tuple | Mapping) else str(value)
