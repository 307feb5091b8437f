"""The plan of a member: everything that decides its network, as one frozen value.

A plan is what travels: into keys of the store, into worker processes, into files. Building it is the matter of
:mod:`zoo.models.assembly`.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, SupportsIndex, cast

import ensembles
from zoo.models import pretrained
from zoo.models.adaptation import ADAPTS, Adapt
from zoo.models.fingerprint import source_of
from zoo.models.head import Head
from zoo.models.registry import names, spec
from zoo.models.weights_file import fingerprint
from zoo.utils.option_fields import as_plain_numbers
from zoo.utils.text import AnySize, Size, as_size

RESERVED = ("images", "logits", "probabilities", *ensembles.RULES)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What network to build for which data.

    Attributes:
        backbone: a registered name.
        name: the member's own; by default the backbone's, and ``_probe`` or ``_lora`` for that ``adapt``.
        classes: number of classes; None until the data is known.
        image_size: ``(height, width)`` of the images that come in; None takes the data's.
        weights: pretrained weights, as :func:`zoo.models.pretrained.locate` reads them.
        weights_dir: folder of weights files; by default the environment variable ``ZOO_WEIGHTS``.
        head: the layers after the backbone.
        high_pass: put the fixed high-pass filter before the backbone.
        resize: ``(height, width)`` to resize to inside the graph, after the filter; None keeps the size.
        seed: of the random weights, and of everything random in training.
        adapt: ``tune``, ``lora`` or ``probe``, see :class:`zoo.Recipe`; None is as the recipe says.

    Raises:
        ValueError: an unknown backbone, an invalid size, or a probe with hidden units.
    """

    backbone: str
    name: str = ""
    classes: int | None = None
    image_size: AnySize | None = None
    weights: pretrained.Weights = "auto"
    weights_dir: str | Path | None = None
    head: Head = field(default_factory=Head)
    high_pass: bool = False
    resize: AnySize | None = None
    seed: int = 0
    adapt: Adapt | None = None

    def __post_init__(self) -> None:
        as_plain_numbers(self)
        spec(self.backbone)
        _check_adapt(self)
        _set(self, "classes", None if self.classes is None else _as_class_count(self.classes))
        _set(self, "name", check_name(self.name or own_name(self)))
        _set(self, "image_size", as_size(self.image_size, "image_size"))
        _set(self, "resize", as_size(self.resize, "resize"))

    def completed(self, classes: int, image_size: tuple[int, int]) -> Plan:
        """Fill in the classes and the image size from the data.

        Raises:
            ValueError: the plan was made for another number of classes or another image size.
        """
        for what, own, data in (("classes", self.classes, classes), ("image_size", self.image_size, image_size)):
            if own is not None and own != data:
                raise ValueError(
                    f"Expected {what}={own}, with which {self.name!r} was built; received data of {data}. "
                    f"Build it with {what}={data}" + (f" and resize={own}." if what == "image_size" else ".")
                )
        return replace(self, classes=classes, image_size=image_size)

    @property
    def pretrained(self) -> bool:
        """The backbone starts from weights that are worth freezing."""
        return pretrained.wanted(spec(self.backbone), self.weights)

    def sized(self) -> Plan:
        """The same plan, where the image size was left open at the backbone's own."""
        return self if self.image_size else replace(self, image_size=spec(self.backbone).image_size)

    def enlarging(self, size: Size) -> Plan:
        """Enlarge images of ``(height, width)`` that are too small for the backbone, inside the graph.

        By a whole factor, and on to whole patches, unless the plan resizes already.
        """
        least, patch = spec(self.backbone).min_size, spec(self.backbone).multiple
        if self.resize is not None or min(size) >= least:
            return self
        factor = -(-least // min(size))
        return replace(self, resize=tuple(_covered(side * factor, patch) for side in size))

    @property
    def seen_size(self) -> Size:
        """The size of the images that the backbone sees: ``resize``, or the next that whole patches cover.

        Raises:
            ValueError: a ``resize`` that they do not cover.
        """
        patch = spec(self.backbone).multiple
        if self.resize is None:
            height, width = cast("Size", self.image_size)
            return _covered(height, patch), _covered(width, patch)
        height, width = cast("Size", self.resize)
        if height % patch or width % patch:
            fits = f"{_covered(height, patch)}, {_covered(width, patch)}"
            raise ValueError(
                f"Expected resize as multiples of {patch}, the patch of {self.backbone!r}; received {height}x{width}. "
                f"Pass resize=({fits}), or leave it out: images are enlarged to the next multiple."
            )
        return height, width

    def as_dict(self) -> dict[str, Any]:
        """The plan as plain JSON values; without newer options that are at their default, so that keys stay."""
        plain = asdict(self)
        if self.adapt is None:
            del plain["adapt"]
        if self.head.layers == 1:
            del plain["head"]["layers"]
        return plain | {"weights": _text(self.weights), "weights_dir": _text(self.weights_dir)}

    def source(self) -> Path | str | None:
        """Where the pretrained weights come from, as :func:`zoo.models.pretrained.locate` finds it.

        Raises:
            zoo.models.pretrained.WeightsNotFoundError: it finds nothing.
        """
        return pretrained.locate(spec(self.backbone), self.weights, self.weights_dir)

    @property
    def of_preset(self) -> bool:
        """The network is built from a preset of KerasHub, which says more than its weights."""
        record = spec(self.backbone)
        return pretrained.wanted(record, self.weights) and pretrained.is_preset(record, self.source())

    def located(self) -> Plan:
        """Replace a search for weights by what it finds, so that another process need not search again.

        Raises:
            zoo.models.pretrained.WeightsNotFoundError: it finds nothing.
        """
        source = self.source()
        if isinstance(source, Path):
            return replace(self, weights=str(source.resolve()), weights_dir=None)
        return self if source else replace(self, weights=None)

    def identity(self) -> dict[str, Any]:
        """What makes two plans give the same network: the weights by content, a user's builder by its source."""
        source = self.source()
        ignored = ("name", "weights", "weights_dir", "adapt")  # the last is in the recipe that it is trained by
        kept = {key: value for key, value in self.as_dict().items() if key not in ignored}
        return kept | {"weights": fingerprint(source), "builder": self.builder()}

    def builder(self) -> dict[str, str]:
        """Fingerprint of the backbone's code."""
        record = spec(self.backbone)
        return {"pixels": record.pixels, "source": source_of(record.builder)}


def check_name(name: str) -> str:
    """Return a member's name if files, Keras layers and leaderboards can bear it.

    Raises:
        ValueError: other signs than letters, digits, ``_``, ``.`` and ``-``, or a word that has a meaning already.
    """
    if not re.fullmatch(r"[A-Za-z0-9][\w.-]*", name, re.ASCII) or name in RESERVED:
        raise ValueError(
            f"Expected a member's name of letters, digits, '_', '.' and '-', and not one of {', '.join(RESERVED)}; "
            f"received {name!r}. Pass another name=, in TOML the key name of [[members]]."
        )
    return name


def as_name(text: str) -> str:
    """Make a member's name of any text, such as a file's or a Keras model's name."""
    plain = re.sub(r"[^A-Za-z0-9_.-]+", "_", text).lstrip("_.-") or "model"
    return f"{plain}_model" if plain in RESERVED else plain


def from_dict(plain: dict[str, Any]) -> Plan:
    """Make the plan of :meth:`Plan.as_dict` again."""
    head = dict(plain["head"])
    head["units"] = head["units"] if isinstance(head["units"], int) else tuple(head["units"])
    return Plan(**(plain | {"head": Head(**head)}))


def registered(records: Iterable[dict[str, Any] | None]) -> Iterator[Plan]:
    """Make the plans of such records again whose backbones are registered here."""
    return (from_dict(plain) for plain in records if plain and plain["backbone"] in names())


def _check_adapt(plan: Plan) -> None:
    if plan.adapt not in (None, *ADAPTS):
        raise ValueError(f"Expected adapt as one of {', '.join(ADAPTS)}, or None; received {plan.adapt!r}.")
    if plan.adapt == "probe" and plan.head.widths:
        raise ValueError(
            f"Expected a head of one dense layer with adapt='probe'; received units={plan.head.units!r}. Leave units "
            "out of this member's head, or take adapt='tune'."
        )


def own_name(plan: Plan) -> str:
    """The name of a member that was given none."""
    return plan.backbone if plan.adapt in (None, "tune") else f"{plan.backbone}_{plan.adapt}"


def _covered(side: int, patch: int) -> int:
    """Enlarge a side to whole patches: nothing is lost, and ONNX has no operation to shrink images smoothly."""
    return -(-side // patch) * patch


def _set(plan: Plan, name: str, value: object) -> None:
    object.__setattr__(plan, name, value)


def _as_class_count(value: object) -> int:
    """Read a count as a plain int, also from NumPy's, so that it can be written as JSON."""
    count = operator.index(value) if isinstance(value, SupportsIndex) else 0
    if count < 2:
        raise ValueError(f"Expected classes as a whole number of 2 or more; received {value!r}.")
    return count


def _text(path: str | Path | None) -> str | None:
    return None if path is None else str(path)
