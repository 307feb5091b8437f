"""The register of backbones: one record a builder, found by the builder's name.

Nothing here imports Keras, so that listing the zoo costs milliseconds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Literal, Protocol

from zoo.utils.text import natural, suggestion

if TYPE_CHECKING:
    import keras

Shape = tuple[int, int, int]
PixelConvention = Literal["caffe", "tf", "torch", "unit", "inside"]
Source = Literal["keras", "file", "hub"]


class Builder(Protocol):
    """Makes a backbone without its classifier.

    Called with the shape ``(height, width, 3)`` of the float32 images that it will see. A builder whose
    ``Spec.imagenet`` is ``"keras"`` is also called with ``weights="imagenet"`` and ``input_shape=None``.
    """

    @property
    def __name__(self) -> str:
        """The backbone's name."""
        ...

    def __call__(self, input_shape: Shape | None, weights: str | None = None) -> keras.Model:
        """Build the network."""
        ...


@dataclass(frozen=True, kw_only=True)
class Spec:
    """The record of a backbone, known before it is built.

    Attributes:
        name: the key, which is the builder's function name.
        builder: makes the Keras model, without its classifier.
        family: the architecture's name, for people.
        pixels: what the backbone expects of pixels: ``caffe`` (BGR, ImageNet mean taken off), ``tf`` (-1 to 1),
            ``torch`` (ImageNet mean and deviation), ``unit`` (0 to 1) or ``inside`` (0 to 255, normalised in the
            graph).
        image_size: side of the images that it was designed for, in pixels.
        min_size: smallest side that it accepts, in pixels.
        parameters: weights of the backbone without its classifier; None where they were not counted.
        imagenet: where pretrained weights come from: ``keras`` (its download, or a file), ``hub`` (a preset of
            KerasHub, or a file), ``file`` (a file in a weights folder only) or None (it is trained from scratch).
        paper: the source of the architecture.
        licence: of the pretrained weights, for people.
        terms: what whoever uses these weights has to agree to; empty where the licence is a common permissive one.
        preset: the official preset, as KerasHub names it.
        multiple: sides of its images have to be multiples of it, in pixels: the patch of a vision transformer.
    """

    name: str
    builder: Builder
    family: str
    pixels: PixelConvention
    image_size: int
    min_size: int
    parameters: int | None
    imagenet: Source | None
    paper: str
    licence: str = ""
    terms: str = ""
    preset: str = ""
    multiple: int = 1


_SPECS: dict[str, Spec] = {}


def register(
    *,
    pixels: PixelConvention,
    family: str = "custom",
    image_size: int = 224,
    min_size: int = 1,
    parameters: int | None = None,
    imagenet: Literal["keras", "file"] | None = None,
    paper: str = "",
    licence: str = "",
) -> Callable[[Builder], Builder]:
    """Decorate a builder to put it into the register under its function's name.

    The arguments are those of :class:`Spec`. The builder itself is returned unchanged. Registering the same
    function again (a module that is reloaded, a notebook cell that is run twice) replaces the record.

    Raises:
        ValueError: another module's builder has the name already.
    """

    def enter(builder: Builder) -> Builder:
        add(
            Spec(
                name=builder.__name__,
                builder=builder,
                family=family,
                pixels=pixels,
                image_size=image_size,
                min_size=min_size,
                parameters=parameters,
                imagenet=imagenet,
                paper=paper,
                licence=licence,
            )
        )
        return builder

    return enter


def add(record: Spec) -> None:
    """Put a finished record into the register: how a worker process learns of a user's builder.

    Raises:
        ValueError: another module's builder has the name already.
    """
    known = _SPECS.get(record.name)
    if known is not None and known.builder.__module__ != record.builder.__module__:
        raise ValueError(
            f"Expected a new name; received {record.name!r} from {record.builder.__module__}, which a builder of "
            f"{known.builder.__module__} has. Rename the function."
        )
    _SPECS[record.name] = record


def names(pattern: str = "*", exclude: str | Iterable[str] = ()) -> list[str]:
    """List the backbones that can be built, in natural order.

    Args:
        pattern: a glob, such as ``"convnext*"``.
        exclude: a glob or several, taken away from the result.
    """
    unwanted = [exclude] if isinstance(exclude, str) else list(exclude)
    found = (n for n in _SPECS if fnmatchcase(n, pattern) and not any(fnmatchcase(n, glob) for glob in unwanted))
    return sorted(found, key=natural)


def spec(name: str) -> Spec:
    """Return the record of one backbone.

    Raises:
        ValueError: no builder of that name; the message offers the nearest names.
    """
    if name not in _SPECS:
        raise ValueError(f"Expected a registered backbone; received {name!r}. {suggestion(name, _SPECS)}")
    return _SPECS[name]
