"""A choice as the TOML file that gives the same run without a preset."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

import tomli_w

import ensembles
from zoo.ensemble_options import EnsembleOptions
from zoo.models.head import Head
from zoo.models.plan import Plan, own_name
from zoo.planning.preset_choice import Choice
from zoo.training.recipe import Recipe
from zoo.utils.option_fields import options_of

CHOSEN_BY = ("preset", "time_limit")
COMMON = ("weights", "weights_dir", "resize", "high_pass", "head")


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
        weights_dir=chosen.weights_dir,
    )
    members = [_member(plans[:number], plan, common, choice.recipe) for number, plan in enumerate(plans)]
    whole: dict[str, Any] = {"members": members}
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


def _member(before: Sequence[Plan], plan: Plan, common: Plan, recipe: Recipe) -> str | dict[str, Any]:
    """A member by its name, or as a table where it has options of its own."""
    word = f"{plan.adapt}:{plan.backbone}" if plan.adapt else plan.backbone
    expected: dict[str, Any] = {name: getattr(common, name) for name in COMMON}
    expected["seed"] = common.seed + sum(_alike(one, plan, recipe) for one in before)
    own = {name: _plain(getattr(plan, name)) for name, value in expected.items() if getattr(plan, name) != value}
    if not re.fullmatch(rf"{own_name(plan)}(_\d+)?", plan.name):
        own["name"] = plan.name
    if not own:
        return word
    return {"backbone": plan.backbone} | ({"adapt": plan.adapt} if plan.adapt else {}) | own


def _alike(one: Plan, other: Plan, recipe: Recipe) -> bool:
    """Whether two plans would be the same network but for the seed."""
    return (one.backbone, one.adapt or recipe.adapt) == (other.backbone, other.adapt or recipe.adapt)


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
