"""A run as one value, read from TOML; each table maps to one dataclass, and an unknown key is an error."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar

from zoo.data.prepare import Preparation
from zoo.head import Head
from zoo.plan import Plan, Precision
from zoo.recipe import Recipe
from zoo.registry import suggestion
from zoo.sizes import AnySize
from zoo.weights import Weights

Table = TypeVar("Table")
DEFAULT_MEMBERS = ("mobilenet_v2", "efficientnet_v2_b0", "mobilenet_v3_large")


@dataclass(frozen=True, kw_only=True)
class Config:
    """Everything that ``zoo fit`` does.

    Attributes:
        members: backbones by name, or tables with a name and options of their own.
        method: the rule that answers: ``soft``, ``weighted`` or ``stacked``.
        weights: pretrained weights of members that do not say.
        weights_dir: folder of weights files.
        resize: size inside the graph of members that do not say; None keeps the data's.
        high_pass: the filter before the backbone, for members that do not say.
        precision: of members that do not say.
        jobs: members to train at a time.
        seed: of everything random.
        head: of members that do not say.
        recipe: how to train.
        data: what is done to the images first.
    """

    members: tuple[str | Mapping[str, Any], ...] = DEFAULT_MEMBERS
    method: str = "soft"
    weights: Weights = "auto"
    weights_dir: str | None = None
    resize: AnySize | None = 96
    high_pass: bool = False
    precision: Precision = "float32"
    jobs: int = 1
    seed: int = 0
    head: Head = field(default_factory=Head)
    recipe: Recipe = field(default_factory=Recipe)
    data: Preparation = field(default_factory=Preparation)

    def plans(self) -> list[Plan]:
        """The members' plans, the common choices filled in; the second of a backbone gets the next seed."""
        seen: list[str] = []
        return [self._plan({"backbone": m} if isinstance(m, str) else dict(m), seen) for m in self.members]

    def as_dict(self) -> dict[str, Any]:
        """The run as plain values."""
        return asdict(self)

    def _plan(self, own: dict[str, Any], seen: list[str]) -> Plan:
        backbone = own.get("backbone")
        if not isinstance(backbone, str):
            raise ValueError(f"Expected a member's table to name its backbone; received {own}.")
        common = {
            "weights": self.weights,
            "weights_dir": self.weights_dir,
            "resize": self.resize,
            "high_pass": self.high_pass,
            "precision": self.precision,
            "seed": self.seed + seen.count(backbone),
            "head": self.head,
        }
        seen.append(backbone)
        head = {"head": read_table(Head, own["head"], "members.head")} if "head" in own else {}
        return read_table(Plan, common | own | head, "members")


def read_config(path: str | Path) -> Config:
    """Read a TOML file.

    Raises:
        FileNotFoundError: there is none.
        ValueError: no TOML, an unknown key (the message offers the nearest), or a value that is refused.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"Expected a configuration file; there is nothing at {path}.")
    try:
        content = tomllib.loads(path.read_text())
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"Expected TOML in {path}: {error}") from error
    return config_from(content)


def config_from(content: Mapping[str, Any]) -> Config:
    """Make a run's configuration from plain values, as TOML gives them.

    Raises:
        ValueError: an unknown key, or a value that is refused.
    """
    kinds = {"head": Head, "recipe": Recipe, "data": Preparation}
    tables = {key: read_table(kind, content[key], key) for key, kind in kinds.items() if key in content}
    _check_keys(content, Config, "the configuration")
    values = dict(content) | tables
    if "members" in values:
        values["members"] = tuple(values["members"])
    return Config(**values)


def read_table(kind: Callable[..., Table], table: Any, where: str) -> Table:
    """Make a dataclass of a TOML table.

    Raises:
        ValueError: no table, an unknown key, or a value of a wrong type.
    """
    if not isinstance(table, Mapping):
        raise ValueError(f"Expected [{where}] to be a table; received {table!r}.")
    _check_keys(table, kind, f"[{where}]")
    values = {key: tuple(value) if isinstance(value, list) else value for key, value in table.items()}
    try:
        return kind(**values)
    except TypeError as error:
        raise ValueError(f"A value in [{where}] has the wrong type: {error}") from error


def _check_keys(table: Mapping[str, Any], kind: Any, where: str) -> None:
    known = [choice.name for choice in fields(kind)]
    for key in table:
        if key not in known:
            raise ValueError(f"Unknown key {key!r} in {where}. {suggestion(key, known)}")
