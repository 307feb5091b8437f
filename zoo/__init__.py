"""From labelled images to one exported ensemble.

The public names, in the order in which one meets them. Nothing that imports Keras is loaded before it is used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from zoo import backbones as backbones
from zoo.registry import names, register, spec

if TYPE_CHECKING:
    from zoo.data import load
    from zoo.derived.soups import soup
    from zoo.derived.symmetries import with_views
    from zoo.ensemble import Ensemble
    from zoo.export import load_saved_model
    from zoo.factory import build
    from zoo.member import Member
    from zoo.network.head import Head
    from zoo.plan import Plan
    from zoo.predicting import Predictor, predict
    from zoo.recipe import Recipe

__version__ = "0.1.0"
__all__ = [
    "names",
    "spec",
    "build",
    "load",
    "Head",
    "Recipe",
    "Plan",
    "Member",
    "Ensemble",
    "load_saved_model",
    "predict",
    "Predictor",
    "soup",
    "with_views",
    "register",
]

_HOMES = {
    "build": "zoo.factory",
    "load": "zoo.data",
    "Head": "zoo.network.head",
    "Recipe": "zoo.recipe",
    "Plan": "zoo.plan",
    "Member": "zoo.member",
    "Ensemble": "zoo.ensemble",
    "load_saved_model": "zoo.export",
    "predict": "zoo.predicting",
    "Predictor": "zoo.predicting",
    "soup": "zoo.derived.soups",
    "with_views": "zoo.derived.symmetries",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'zoo' has no attribute {name!r}; public names: {', '.join(__all__)}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
