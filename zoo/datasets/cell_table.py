"""The eight kinds of blood cell as they are drawn: one row of figures each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

Span: TypeAlias = tuple[float, float]
Colour: TypeAlias = tuple[int, int, int]


@dataclass(frozen=True, kw_only=True)
class Kind:
    """What one kind of cell looks like: spans to draw from, colours in RGB 0-255.

    The nucleus is a chain of ``lobes`` along an arc of ``sweep`` radians; ``waist`` is the thickness of its
    bridges as a fraction of the lobes'. Lengths are in cell radii, ``radius`` itself in half pictures.
    ``sparsity`` is the level, in standard deviations, above which noise of ``grain`` bumps to a side of the
    picture is a granule.
    """

    radius: Span
    cytoplasm: Colour
    granule: Colour
    sparsity: Span
    grain: int
    chromatin: Colour = (122, 62, 142)
    ragged: float = 0.02
    warp: float = 0.07
    bodies: int = 1
    lobes: tuple[int, int] = (1, 1)
    lobe: Span = (0.5, 0.6)
    arc: Span = (0.3, 0.4)
    sweep: Span = (0.0, 0.0)
    waist: Span = (0.9, 1.0)
    offset: float = 0.1
    granules_on_nucleus: bool = False
    vacuoles: int = 0


# fmt: off
CELLS: dict[str, Kind] = {
    "basophil": Kind(
        radius=(0.54, 0.66), cytoplasm=(190, 138, 182), granule=(56, 26, 98), sparsity=(-0.4, 0.4),
        grain=56, chromatin=(104, 62, 140), lobes=(2, 3), lobe=(0.38, 0.50), arc=(0.30, 0.42),
        sweep=(2.0, 3.6), waist=(0.6, 0.9), granules_on_nucleus=True, ragged=0.03,
    ),
    "eosinophil": Kind(
        radius=(0.60, 0.76), cytoplasm=(206, 156, 150), granule=(186, 106, 98), sparsity=(-0.8, 0.2),
        grain=70, lobes=(2, 3), lobe=(0.32, 0.44), arc=(0.42, 0.52), sweep=(1.8, 3.2), waist=(0.2, 0.7),
        warp=0.09,
    ),
    "erythroblast": Kind(
        radius=(0.36, 0.58), cytoplasm=(182, 152, 166), granule=(150, 120, 156), sparsity=(1.2, 2.4),
        grain=56, chromatin=(88, 46, 108), lobe=(0.52, 0.82), offset=0.16, warp=0.03,
    ),
    "ig": Kind(
        radius=(0.60, 0.80), cytoplasm=(190, 164, 194), granule=(134, 78, 154), sparsity=(0.3, 1.8),
        grain=70, lobes=(2, 3), lobe=(0.38, 0.58), arc=(0.26, 0.46), sweep=(0.8, 3.4), waist=(0.7, 1.0),
        offset=0.15,
    ),
    "lymphocyte": Kind(
        radius=(0.44, 0.56), cytoplasm=(124, 118, 178), granule=(100, 90, 162), sparsity=(1.0, 2.0),
        grain=56, chromatin=(98, 50, 124), lobe=(0.76, 0.96), offset=0.06, ragged=0.03, warp=0.04,
    ),
    "monocyte": Kind(
        radius=(0.64, 0.86), cytoplasm=(178, 162, 194), granule=(146, 128, 182), sparsity=(0.6, 1.4),
        grain=70, lobes=(3, 4), lobe=(0.30, 0.44), arc=(0.32, 0.46), sweep=(1.6, 4.2), waist=(0.8, 1.0),
        warp=0.09, ragged=0.03, vacuoles=5,
    ),
    "neutrophil": Kind(
        radius=(0.60, 0.74), cytoplasm=(214, 182, 192), granule=(174, 118, 164), sparsity=(0.5, 1.6),
        grain=70, lobes=(2, 5), lobe=(0.22, 0.36), arc=(0.42, 0.56), sweep=(2.4, 5.0), waist=(0.25, 1.0),
    ),
    "platelet": Kind(
        radius=(0.18, 0.28), cytoplasm=(184, 148, 186), granule=(104, 50, 134), sparsity=(-0.8, 0.4),
        grain=56, lobes=(0, 0), ragged=0.16, bodies=2, warp=0.05,
    ),
}
# fmt: on
