"""A network of ``keras.applications`` as a backbone: as a row of :mod:`zoo.models.backbones.families` defines it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from zoo.models.registry import PixelConvention, Shape, Spec, add

if TYPE_CHECKING:
    import keras

SIDE = 224  # pixels, of most architectures


@dataclass(frozen=True)
class Application:
    """Builds one network of ``keras.applications`` without its classifier.

    Attributes:
        name: the backbone's registered name.
        application: the class name in ``keras.applications``.
        options: passed on, such as ``alpha``.
        own_shape: the shape to pass where none is given; Keras warns of MobileNets' official weights without one.
        adapt: what is done to a network of random weights.
    """

    name: str
    application: str
    options: Mapping[str, Any] = field(default_factory=dict)
    own_shape: Shape | None = None
    adapt: Callable[[keras.Model], keras.Model] | None = None

    @property
    def __name__(self) -> str:
        return self.name

    def __call__(self, input_shape: Shape | None, weights: str | None = None) -> keras.Model:
        """Build it; ``weights="imagenet"`` lets Keras download the official weights, or find them in its cache."""
        import keras

        build = getattr(keras.applications, self.application)
        shape = input_shape or self.own_shape
        model: keras.Model = build(include_top=False, weights=weights, input_shape=shape, **self.options)
        return self.adapt(model) if self.adapt and weights is None else model


@dataclass(frozen=True, kw_only=True)
class Row:
    """One size of an architecture.

    Attributes:
        application: the class name in ``keras.applications``.
        parameters: weights without the classifier.
        image_size: side of the images that it was designed for, in pixels.
        options: of the application.
        paper: where it differs from the family's.
    """

    application: str
    parameters: int
    image_size: int = SIDE
    options: Mapping[str, Any] = field(default_factory=dict)
    paper: str = ""


def family(
    title: str,
    pixels: PixelConvention,
    paper: str,
    rows: Mapping[str, Row],
    *,
    licence: str = "Apache-2.0",
    min_size: int = 32,
    own_shape: Shape | None = None,
    adapt: Callable[[keras.Model], keras.Model] | None = None,
) -> None:
    """Enter the sizes of an architecture into the register, by their names."""
    for name, row in rows.items():
        add(
            Spec(
                name=name,
                builder=Application(name, row.application, row.options, own_shape, adapt),
                family=title,
                pixels=pixels,
                image_size=row.image_size,
                min_size=min_size,
                parameters=row.parameters,
                imagenet="keras",
                paper=row.paper or paper,
                licence=licence,
            )
        )
