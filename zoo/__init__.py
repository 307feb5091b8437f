"""From labelled images to one exported ensemble.

The public names, in the order in which one meets them. Nothing that imports Keras is loaded before it is used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from zoo.models import backbones as backbones
from zoo.models.registry import names, register, spec
from zoo.utils.logging import quietly
from zoo.utils.version import __version__ as __version__

if TYPE_CHECKING:
    from zoo.data import load
    from zoo.ensemble.estimator import Ensemble
    from zoo.export import load_saved_model
    from zoo.inference import Predictor, predict
    from zoo.members.build import build
    from zoo.members.member import Member
    from zoo.members.soup import soup
    from zoo.members.test_time_views import with_views
    from zoo.models.head import Head
    from zoo.models.plan import Plan
    from zoo.training.recipe import Recipe

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
    "build": "zoo.members.build",
    "load": "zoo.data",
    "Head": "zoo.models.head",
    "Recipe": "zoo.training.recipe",
    "Plan": "zoo.models.plan",
    "Member": "zoo.members.member",
    "Ensemble": "zoo.ensemble.estimator",
    "load_saved_model": "zoo.export",
    "predict": "zoo.inference",
    "Predictor": "zoo.inference",
    "soup": "zoo.members.soup",
    "with_views": "zoo.members.test_time_views",
}
_PACKAGES = ("cleaning", "data", "plots", "trackers", "shift")  # that users name whole, as zoo.cleaning.find


def __getattr__(name: str) -> Any:
    if name in _PACKAGES:
        with quietly():
            return import_module(f"zoo.{name}")
    if name not in _HOMES:
        raise AttributeError(f"module 'zoo' has no attribute {name!r}; public names: {', '.join(__all__)}")
    with quietly():
        return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
