"""A network of KerasHub as a backbone: as a row of :mod:`zoo.models.backbones.hub_transformers` defines it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from zoo.models.registry import PixelConvention, Shape, Spec, add

if TYPE_CHECKING:
    import keras

Features = Literal["first", "first_and_mean", "all"]


@dataclass(frozen=True)
class HubNetwork:
    """Builds one network of KerasHub without its classifier, in layers of Keras.

    Attributes:
        name: the backbone's registered name.
        network: the class's name in ``keras_hub.models``.
        features: what the published classifier takes: the class token (``first``), beside it the mean of the patches
            (``first_and_mean``), or ``all``: a map or a vector, as it is.
        options: of the network.
    """

    name: str
    network: str
    features: Features
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def __name__(self) -> str:
        return self.name

    def __call__(self, input_shape: Shape | None, weights: str | None = None) -> keras.Model:
        """Build it with random weights.

        Raises:
            ImportError: KerasHub is not installed.
        """
        from zoo.models.hub.building import fresh

        if input_shape is None:
            raise ValueError(f"Expected the shape of the images for {self.name!r}; received None.")
        return fresh(self.network, self.options, input_shape, self.features)

    def from_preset(self, preset: str, input_shape: Shape) -> keras.Model:
        """Build it with the weights of a preset: a folder, or what KerasHub downloads or finds in its cache.

        Raises:
            ImportError: KerasHub is not installed.
            ValueError: a preset of another network; the message begins with "a preset of another network".
            Exception: whatever KerasHub raises where it cannot read or download it.
        """
        from zoo.models.hub.building import from_preset
        from zoo.models.registry import spec

        pixels = spec(self.name).pixels
        return from_preset(self.network, self.options, preset, input_shape, self.features, pixels)


@dataclass(frozen=True, kw_only=True)
class Row:
    """One size of an architecture.

    Attributes:
        parameters: weights without the classifier, at the size below.
        preset: the official one, a name or a handle of KerasHub's.
        options: of the network.
        image_size: side of the images that it was designed for, in pixels.
        patch: side of its patches, in pixels, where it has some.
        min_size: smallest side that it accepts, in pixels.
    """

    parameters: int
    preset: str
    options: Mapping[str, Any]
    image_size: int = 224
    patch: int = 1
    min_size: int = 32


def family(
    title: str,
    network: str,
    pixels: PixelConvention,
    paper: str,
    rows: Mapping[str, Row],
    *,
    licence: str,
    features: Features = "all",
    terms: str = "",
) -> None:
    """Enter the sizes of an architecture into the register, by their names."""
    for name, row in rows.items():
        add(
            Spec(
                name=name,
                builder=HubNetwork(name, network, features, row.options),
                family=title,
                pixels=pixels,
                image_size=row.image_size,
                min_size=row.min_size,
                parameters=row.parameters,
                imagenet="hub",
                paper=paper,
                licence=licence,
                terms=terms,
                preset=row.preset,
                multiple=row.patch,
            )
        )
