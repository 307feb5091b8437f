"""``"demo"``: drawn blood smears, which need no download."""

from __future__ import annotations

from typing import Any

import numpy as np

from zoo.data.images import Splits
from zoo.data.source import Request, SourceKind
from zoo.data.sources.arrays import list_array, load_arrays
from zoo.data.unlabelled import Rows
from zoo.datasets.cells import SMALLEST
from zoo.datasets.smears import CLASSES, smears

DEMO = "demo"


def load_demo(source: Any, request: Request) -> Splits:
    """Draw the smears, at the given height; another size is made of them as of any array.

    Raises:
        ValueError: classes that lack some of the demo's.
    """
    size = request.image_size
    drawn = smears() if size is None else smears(size=max(size[0], SMALLEST))
    labels = np.array(CLASSES)[drawn.labels]
    return load_arrays(drawn.images, labels, request.classes or CLASSES, size, reading=request.reading)


def list_demo(source: Any, key: str | None = None) -> Rows:
    """Draw the smears, without their labels."""
    return list_array(smears().images, key)


SOURCE = SourceKind(
    name="'demo'", accepts=lambda source: isinstance(source, str) and source == DEMO, load=load_demo, list=list_demo
)
