"""A choice as the TOML file that gives the same run without a preset."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import tomli_w

from zoo.ensemble_options import EnsembleOptions
from zoo.planning.choice import Choice
from zoo.training.recipe import Recipe
from zoo.utils.option_fields import options_of
from zoo.utils.text import as_size

CHOSEN_BY = ("preset", "time_limit")


def as_toml(choice: Choice, options: EnsembleOptions) -> str:
    """Write members and options as TOML; what is at its default is left out.

    Args:
        choice: what was chosen.
        options: of the ensemble, with what the user chose.
    """
    plans = choice.plans
    whole: dict[str, Any] = {
        "members": [f"{plan.adapt}:{plan.backbone}" if plan.adapt else plan.backbone for plan in plans]
    }
    if plans[0].resize is not None:
        whole["resize"] = list(as_size(plans[0].resize) or ())
    chosen = choice.over(options)
    own = {name: getattr(chosen, name) for name in options_of(EnsembleOptions) if name not in CHOSEN_BY}
    apart = ("recipe", "head", "resize")
    whole |= _changed({name: value for name, value in own.items() if name not in apart}, EnsembleOptions)
    if plans[0].weights is None:
        whole["weights"] = "none"
    if chosen.head is not None:
        whole["head"] = asdict(chosen.head)
    return tomli_w.dumps(whole | {"recipe": _changed(asdict(choice.recipe), Recipe)})


def _changed(values: Mapping[str, Any], kind: type) -> dict[str, Any]:
    """What differs from its default, as TOML can hold it."""
    return {name: _plain(value) for name, value in values.items() if value != getattr(kind, name)}


def _plain(value: Any) -> Any:
    if value is None:
        return "none"
    return value if isinstance(value, bool | int | float | list | tuple | Mapping) else str(value)
