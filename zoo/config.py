"""A run as one value, read from TOML; each table maps to one dataclass, and an unknown key is an error."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from zoo.cleaning.preparation_options import Preparation
from zoo.ensemble_options import EnsembleOptions
from zoo.models.adaptation import split_name
from zoo.models.head import Head
from zoo.models.keras_file import KerasFile, names_file
from zoo.models.plan import Plan
from zoo.training.recipe import Recipe
from zoo.utils.modules import import_modules
from zoo.utils.option_fields import check_options, documented, option, options_of
from zoo.utils.text import repeat
from zoo.utils.typecheck import read_table

DEFAULT_MEMBERS = ("mobilenet_v2", "efficientnet_v2_b0", "mobilenet_v3_large")


@documented
@dataclass(kw_only=True)
class Config(EnsembleOptions):
    """Everything that ``zoo fit`` does.

    Attributes:
    {options}

    Raises:
        ValueError: an option of a wrong type or outside of its limits, or options that do not go together.
    """

    recipe: Recipe = option(factory=Recipe, help="how to train.")
    head: Head = option(factory=Head, help="of members that do not say.")
    members: tuple[str | Mapping[str, Any], ...] = option(
        (),
        help='backbones by name (``"mobilenet_v2 x3"`` for three seeds), trained models by their path '
        '(``"mine.keras"``), or tables with options of their own: of ``backbone``, or of ``model``, the path. '
        '``"probe:mobilenet_v2"``, or ``adapt = "probe"`` in a table, is a probe. '
        f"Without any the preset chooses them, or they are {', '.join(DEFAULT_MEMBERS)}.",
        short="A backbone, or the path of a .keras file, instead of the file's; may be given again.",
        flag="--member",
    )
    data: Preparation = option(factory=Preparation, help="what is done to the images first.")
    imports: tuple[str, ...] = option((), help="modules of the working folder that register backbones.")

    def __post_init__(self) -> None:
        check_options(self)
        self.check()

    def plans(self) -> list[Plan | KerasFile]:
        """The members' plans, the common choices filled in; the second of a backbone gets the next seed.

        Raises:
            FileNotFoundError: no file at the path of a trained model.
            ValueError: a module that cannot be imported, an unknown backbone, or an option that is refused.
        """
        import_modules(self.imports)
        chosen_by_preset = self.preset is not None or self.time_limit is not None
        members = self.members or (() if chosen_by_preset else DEFAULT_MEMBERS)
        seen: list[str] = []
        return [self._entrant(_table(member), seen) for member in repeat(members)]

    def ensemble_options(self) -> dict[str, Any]:
        """What :class:`zoo.Ensemble` is made with, beside its members and its store."""
        return {name: getattr(self, name) for name in options_of(EnsembleOptions)}

    def anchored(self) -> Config:
        """The same run with absolute paths, so that it can be made again from any folder."""
        own = self.data
        data = replace(own, images_dir=_absolute(own.images_dir), decisions=_absolute(own.decisions))
        members = tuple(_anchored(member) for member in self.members)
        weights, folder = _absolute_weights(self.weights), _absolute(self.weights_dir)
        return replace(self, data=data, members=members, weights=weights, weights_dir=folder)

    def as_dict(self) -> dict[str, Any]:
        """The run as plain values, which :func:`config_from` reads."""
        return asdict(self, dict_factory=_plain)

    def _entrant(self, own: dict[str, Any], seen: list[str]) -> Plan | KerasFile:
        return read_table(KerasFile, own, "members") if "model" in own else self._plan(own, seen)

    def _plan(self, own: dict[str, Any], seen: list[str]) -> Plan:
        backbone = own.get("backbone")
        if not isinstance(backbone, str):
            raise ValueError(
                f"Expected a member's table to name its backbone or its model; received {own}. "
                'Add backbone = "...", or model = "path/to/mine.keras".'
            )
        adapt = own.get("adapt") or self.recipe.adapt
        word = f"{adapt}:{backbone}"  # a probe of a backbone shares the features of its first member
        common = {
            "weights": self.weights,
            "weights_dir": self.weights_dir,
            "resize": self.resize,
            "high_pass": self.high_pass,
            "seed": self.seed + seen.count(word),
            "head": self.head,
        }
        seen.append(word)
        return read_table(Plan, common | own, "members")


def read_config(path: str | Path) -> Config:
    """Read a TOML file, or the ``config.json`` that a run keeps.

    Raises:
        FileNotFoundError: there is none.
        ValueError: no TOML or JSON, an unknown key (the message offers the nearest), or a value that is refused.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"Expected a configuration file; there is nothing at {path}.")
    try:
        text = path.read_text(encoding="utf-8")
        content = json.loads(text) if path.suffix.lower() == ".json" else tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # tables in tables without end
        raise ValueError(f"Expected TOML, or JSON in a .json, in {path}: {error}") from error
    return config_from(content)


def config_from(content: Mapping[str, Any]) -> Config:
    """Make a run's configuration from plain values, as TOML gives them; ``"none"`` is None where that is a choice.

    Raises:
        ValueError: an unknown key, or a value that is refused.
    """
    return read_table(Config, content)


def _table(member: str | Mapping[str, Any]) -> dict[str, Any]:
    if not isinstance(member, str):
        return dict(member)
    if names_file(member):
        return {"model": member}
    adapt, backbone = split_name(member)
    return {"backbone": backbone} | ({"adapt": adapt} if adapt else {})


def _absolute(path: str | Path | None) -> str | None:
    return None if path is None else str(Path(path).expanduser().absolute())


def _absolute_weights(weights: str | Path | None) -> str | Path | None:
    """Weights that a file or a folder holds by its whole path; words and handles as they are."""
    return _absolute(weights) if weights is not None and Path(weights).expanduser().exists() else weights


def _anchored(member: str | Mapping[str, Any]) -> str | Mapping[str, Any]:
    if isinstance(member, str):
        return _absolute(member) or "" if names_file(member) else member
    paths = {"model": _absolute, "weights_dir": _absolute, "weights": _absolute_weights}
    return {**member, **{name: whole(member[name]) for name, whole in paths.items() if name in member}}


def _plain(items: list[tuple[str, Any]]) -> dict[str, Any]:
    return {name: str(value) if isinstance(value, Path) else value for name, value in items}
