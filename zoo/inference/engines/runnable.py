"""A model, and the engines that can run it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from zoo.data.pictures.pixel_reading import PixelReading
from zoo.inference.engines.engine import Opener
from zoo.inference.engines.kept_graph import KeptGraph
from zoo.utils.text import Size


@dataclass(frozen=True, eq=False)
class Runnable:
    """A model as it was found, before an engine opens it.

    Attributes:
        what: it is, for messages: "a run", "an ONNX file".
        classes: the classes' names, in the order of the class ids.
        image_size: ``(height, width)`` in pixels.
        uncertain: whether there is an uncertainty.
        identity: a digest of everything that determines the predictions, whatever the engine.
        reading: how pixels of other kinds are read.
        openers: by engine, what opens the model as it is.
        onnx: an ONNX graph that can be made of it; None where there is nothing to make.
        codes: by a further column of the fit's table, what it has for each class ``(classes,)``.
    """

    what: str
    classes: tuple[str, ...]
    image_size: Size
    uncertain: bool
    identity: str
    reading: PixelReading
    openers: Mapping[str, Opener]
    onnx: KeptGraph | None = None
    codes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
