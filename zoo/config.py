"""A run as one value, read from TOML; each table maps to one dataclass, and an unknown key is an error."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

import ensembles
from zoo import typecheck
from zoo.cleaning.preparation import Preparation
from zoo.members.entrants import repeat
from zoo.models.head import Head
from zoo.models.pretrained import Weights
from zoo.models.spec import Plan
from zoo.options import check_uncertainty
from zoo.training.recipe import Recipe
from zoo.utils.text import AnySize, suggestion

Table = TypeVar("Table")
OF_THE_ENSEMBLE = (
    "method",
    "calibration",
    "member_calibration",
    "folds",
    "refit",
    "snapshots",
    "views",
    "uncertainty",
    "recipe",
    "jobs",
    "seed",
)
DEFAULT_MEMBERS = ("mobilenet_v2", "efficientnet_v2_b0", "mobilenet_v3_large")


@dataclass(frozen=True, kw_only=True)
class Config:
    """Everything that ``zoo fit`` does.

    Attributes:
        members: backbones by name (``"mobilenet_v2 x3"`` for three seeds), or tables with options of their own.
        method: the rule that answers, one of ``ensembles.RULES``.
        calibration: of the rule's answer: ``temperature``, ``vector`` or ``none``.
        member_calibration: of each member before the rule, likewise.
        folds: networks a member, each trained without one fold, and rules fitted on what each says of its fold; 0 for
            one network, and rules fitted on the validation images.
        refit: with folds, one more network trained on all of them is the member; by default their mean is.
        snapshots: members of every plan, from one training in so many cycles.
        views: mean over ``flips`` or ``d4`` of an image where that helps, or ``none``.
        uncertainty: how unsure an answer is: ``entropy``, ``max_softmax``, ``energy``, ``mutual_information`` or
            ``distance``.
        weights: pretrained weights of members that do not say.
        weights_dir: folder of weights files.
        resize: size inside the graph of members that do not say; None keeps the data's. In TOML, ``"none"`` is None.
        high_pass: the filter before the backbone, for members that do not say.
        jobs: members to train at a time.
        seed: of everything random.
        head: of members that do not say.
        recipe: how to train.
        data: what is done to the images first.
        imports: modules of the working folder that register backbones.

    Raises:
        ValueError: an unknown method or calibration, or members that are no list.
    """

    members: tuple[str | Mapping[str, Any], ...] = DEFAULT_MEMBERS
    method: str = "soft"
    calibration: str = "temperature"
    member_calibration: str = "none"
    folds: int = 0
    refit: bool = False
    snapshots: int = 1
    views: str = "none"
    uncertainty: str = "entropy"
    weights: Weights = "auto"
    weights_dir: str | None = None
    resize: AnySize | None = None
    high_pass: bool = False
    jobs: int = 1
    seed: int = 0
    head: Head = field(default_factory=Head)
    recipe: Recipe = field(default_factory=Recipe)
    data: Preparation = field(default_factory=Preparation)
    imports: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        ensembles.calibrated(ensembles.make_rule(self.method), self.member_calibration, self.calibration)
        check_uncertainty(self.uncertainty, self.folds)
        for what in ("members", "imports"):
            if isinstance(getattr(self, what), str):
                raise ValueError(f"Expected {what} as a list; received {getattr(self, what)!r}. Put it into a list.")

    def plans(self) -> list[Plan]:
        """The members' plans, the common choices filled in; the second of a backbone gets the next seed.

        Raises:
            ValueError: a module that cannot be imported, an unknown backbone, or an option that is refused.
        """
        import_modules(self.imports)
        seen: list[str] = []
        return [self._plan({"backbone": m} if isinstance(m, str) else dict(m), seen) for m in repeat(self.members)]

    def ensemble_options(self) -> dict[str, Any]:
        """What :class:`zoo.Ensemble` is made with, beside its members and its store."""
        return {name: getattr(self, name) for name in OF_THE_ENSEMBLE}

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
            "seed": self.seed + seen.count(backbone),
            "head": self.head,
        }
        seen.append(backbone)
        head = {"head": read_table(Head, own["head"], "[members.head]")} if "head" in own else {}
        return read_table(Plan, common | own | head, "[members]")


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
        with path.open("rb") as file:
            content = tomllib.load(file)
    except ValueError as error:
        raise ValueError(f"Expected TOML in {path}: {error}") from error
    return config_from(content)


def config_from(content: Mapping[str, Any]) -> Config:
    """Make a run's configuration from plain values, as TOML gives them.

    Raises:
        ValueError: an unknown key, or a value that is refused.
    """
    kinds: dict[str, type[Any]] = {"head": Head, "recipe": Recipe, "data": Preparation}
    tables = {key: read_table(kind, content[key], f"[{key}]") for key, kind in kinds.items() if key in content}
    return read_table(Config, dict(content) | tables, "the configuration")


def read_table(kind: type[Table], table: Any, where: str) -> Table:
    """Make a dataclass of a TOML table.

    Raises:
        ValueError: no table, an unknown key, or a value of a wrong type.
    """
    if not isinstance(table, Mapping):
        raise ValueError(f"Expected {where} to be a table; received {table!r}.")
    known = get_type_hints(kind)
    for key in table:
        if key not in known:
            raise ValueError(f"Unknown key {key!r} in {where}. {suggestion(key, known)}")
    return kind(**{key: typecheck.read(value, known[key], f"{key} in {where}") for key, value in table.items()})


def import_modules(names: Iterable[str]) -> None:
    """Import a user's modules, from the working folder first, so that the backbones that they register are known.

    Raises:
        ValueError: a module that is not there, or fails while it is imported.
    """
    for name in names:
        if (folder := str(Path.cwd())) not in sys.path:
            sys.path.insert(0, folder)
        try:
            import_module(name)
        except Exception as error:
            reason = f"{name!r} failed: {type(error).__name__}: {error}"
            raise ValueError(f"Expected a module that can be imported from {folder}; {reason}") from error
