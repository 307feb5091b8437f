"""Draw one stained blood cell of eight kinds, for data that needs no download.

A shape is a distance field on a square canvas (negative inside), a colour is a layer mixed in through the
shape's soft mask, and the difference between two kinds of cell is a row of ``zoo.datasets.cell_table.CELLS``, not code.
The canvas has one fixed size, so that a cell looks the same at every size of picture.
"""

from __future__ import annotations

from functools import cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from zoo.datasets.cell_table import CELLS, Colour, Kind

Field: TypeAlias = NDArray[np.float32]
Frame: TypeAlias = tuple[Field, Field]

SMALLEST = 16
# Pixels: half as many again as a picture of 64, so that shrinking it smooths what soft masks leave jagged.
CANVAS = 96
TILE = 512
# In cell radii: how wide an outline fades, and (inverted) how far lobes reach for each other.
EDGE = 0.07
FUSION = 16.0
PLASMA: Colour = (252, 227, 203)
RED_CELL: Colour = (204, 172, 172)
NUCLEAR_DARK: Colour = (52, 26, 98)
VACUOLE: Colour = (236, 216, 214)
BLUE_CAST = (0.82, 0.89, 1.10)
BLUE_CAST_RATE = 0.02
STRAY_PLATELET_RATE = 0.15

_V, _U = np.mgrid[-1 : 1 : CANVAS * 1j, -1 : 1 : CANVAS * 1j].astype(np.float32)


def draw_cell(kind: str, size: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Draw a smear with one cell of ``kind`` at its centre.

    Returns a ``(size, size, 3)`` uint8 picture in RGB, pixels 0-255. The same state of ``rng`` draws the same
    cell at every size. Sizes from 32 to 128 look right.

    Raises:
        ValueError: ``kind`` is not one of ``CELLS``, or ``size`` is below ``SMALLEST``.
    """
    if kind not in CELLS:
        raise ValueError(f"Expected a kind of cell among {', '.join(CELLS)}; received {kind!r}. Choose one of them.")
    if size < SMALLEST:
        raise ValueError(f"Expected size of at least {SMALLEST} pixels; received {size}. Draw a larger cell.")
    picture = _plasma(rng)
    _add_red_cells(picture, rng)
    if rng.random() < STRAY_PLATELET_RATE:
        _add_cell(picture, CELLS["platelet"], _around(rng, 0.85, 1.1), rng)
    _add_cell(picture, CELLS[kind], rng.normal(0, 0.05, 2), rng)
    return _photograph(picture, size, rng)


@cache
def _tile(bumps: int) -> Field:
    """A sheet of smooth noise of unit variance, ``bumps`` to the side of a canvas; cut from, for speed."""
    from scipy.ndimage import gaussian_filter  # takes longer to import than the rest of the command line

    white = np.random.default_rng(bumps).standard_normal((TILE, TILE), dtype=np.float32)
    smooth: Field = gaussian_filter(white, CANVAS / (np.sqrt(2) * bumps), mode="wrap")
    smooth /= smooth.std()
    smooth.setflags(write=False)
    return smooth


def _noise(rng: np.random.Generator, bumps: int) -> Field:
    """Smooth noise of unit variance over the canvas, ``bumps`` to a side."""
    row, column = rng.integers(0, TILE - CANVAS, 2)
    return _tile(bumps)[row : row + CANVAS, column : column + CANVAS]


def _around(rng: np.random.Generator, low: float, high: float) -> NDArray[np.float64]:
    """A point at a distance between ``low`` and ``high`` from the origin, in any direction."""
    angle = rng.uniform(0, 2 * np.pi)
    return rng.uniform(low, high) * np.array([np.cos(angle), np.sin(angle)])


def _frame(centre: NDArray[np.float64], radius: float, warp: float, rng: np.random.Generator) -> Frame:
    """Canvas coordinates seen from a cell: turned, stretched and warped, one unit being its radius."""
    angle, stretch = rng.uniform(0, 2 * np.pi), np.exp(rng.uniform(-0.12, 0.12))
    along, across = np.cos(angle) / (radius * stretch), np.sin(angle) / (radius * stretch)
    x, y = _U - float(centre[0]), _V - float(centre[1])
    u = float(along) * x + float(across) * y
    v = float(stretch**2) * (float(along) * y - float(across) * x)
    return u + warp * _noise(rng, 5), v + warp * _noise(rng, 5)


def _over_canvas(figures: NDArray[np.float64]) -> Field:
    """Figures as float32 with two axes more, to be combined with whole fields."""
    return figures.astype(np.float32)[..., None, None]


def _discs(frame: Frame, centres: NDArray[np.float64], radii: NDArray[np.float64]) -> Field:
    """Distance to the rim of each of K discs: ``(K, CANVAS, CANVAS)``."""
    x, y = _over_canvas(centres.T)
    distance: Field = np.sqrt((frame[0] - x) ** 2 + (frame[1] - y) ** 2) - _over_canvas(radii)
    return distance


def _bridges(frame: Frame, ends: NDArray[np.float64], radii: NDArray[np.float64]) -> Field:
    """Distance to the rim of the K thick lines that join K + 1 ends: ``(K, CANVAS, CANVAS)``."""
    x, y = _over_canvas(ends[:-1].T)
    along, across = _over_canvas(np.diff(ends, axis=0).T)
    right, down = frame[0] - x, frame[1] - y
    share = np.clip((right * along + down * across) / (along**2 + across**2), 0, 1)
    gap = np.sqrt((right - share * along) ** 2 + (down - share * across) ** 2)
    distance: Field = gap - _over_canvas(radii)
    return distance


def _fuse(distances: Field) -> Field:
    """Union of K shapes with rounded joints, by the soft minimum over the first axis."""
    nearest: Field = distances.min(0)
    nearest -= np.log(np.exp(FUSION * (nearest - distances)).sum(0)) / FUSION
    return nearest


def _mask(distance: Field, edge: float = EDGE) -> Field:
    mask: Field = np.clip(0.5 - distance / edge, 0, 1)
    return mask


def _mix(picture: Field, mask: Field, colour: Field) -> None:
    picture += mask * (colour - picture)


def _dye(colour: Colour, rng: np.random.Generator, spread: float = 9.0) -> Field:
    """A colour as stained this time: ``(3, 1, 1)``, ready to mix into a picture."""
    stained = np.array(colour) + rng.normal(0, spread) + rng.normal(0, spread / 2, 3)
    return _over_canvas(stained)


def _plasma(rng: np.random.Generator) -> Field:
    return _dye(PLASMA, rng, 3.0) + 1.5 * _noise(rng, 4)


def _add_red_cells(picture: Field, rng: np.random.Generator) -> None:
    """Stain pale discs with paler centres around the middle of the picture, darker where they overlap."""
    number = rng.integers(2, 7)
    centres = np.stack([_around(rng, 0.85, 1.35) for _ in range(number)])
    radii = rng.uniform(0.26, 0.38, number)
    depth = _discs(_frame(np.zeros(2), 1.0, 0.03, rng), centres, radii) / _over_canvas(radii)
    pallor = rng.uniform(0.5, 0.9) * np.exp(-np.square(np.square((1 + depth) / 0.6)))
    stain = np.minimum((_mask(depth, 2 * EDGE) * (1 - pallor)).sum(0), 1.5)
    picture *= 1 - stain * (1 - _dye(RED_CELL, rng, 5.0) / 255)


def _add_cell(picture: Field, kind: Kind, centre: NDArray[np.float64], rng: np.random.Generator) -> None:
    frame = _frame(centre, rng.uniform(*kind.radius), kind.warp, rng)
    body = _mask(_body(kind, frame, rng))
    granules = body * np.clip(2 * (_noise(rng, kind.grain) - rng.uniform(*kind.sparsity)), 0, 1)
    _mix(picture, body, _dye(kind.cytoplasm, rng) + 7 * _noise(rng, 9))
    _add_vacuoles(picture, body, int(rng.integers(0, kind.vacuoles + 1)), frame, rng)
    _mix(picture, 0.8 * granules, _dye(kind.granule, rng))
    if kind.lobes[1]:
        _add_nucleus(picture, kind, body, frame, rng)
    if kind.granules_on_nucleus:
        _mix(picture, 0.8 * granules, _dye(kind.granule, rng))


def _body(kind: Kind, frame: Frame, rng: np.random.Generator) -> Field:
    """Distance to the outline of the cell, and of the smaller bodies that lie beside it."""
    beside = rng.integers(0, kind.bodies)
    centres = np.stack([np.zeros(2)] + [_around(rng, 1.4, 2.4) for _ in range(beside)])
    radii = np.concatenate([np.ones(1), rng.uniform(0.4, 0.8, beside)])
    distance: Field = _discs(frame, centres, radii).min(0) + kind.ragged * _noise(rng, 18)
    return distance


def _add_vacuoles(picture: Field, body: Field, number: int, frame: Frame, rng: np.random.Generator) -> None:
    """Leave ``number`` pale bubbles near the rim of the cell."""
    if number == 0:
        return
    centres = np.stack([_around(rng, 0.6, 0.98) for _ in range(number)])
    bubbles = _discs(frame, centres, rng.uniform(0.05, 0.15, number)).min(0)
    _mix(picture, 0.8 * body * _mask(bubbles), _dye(VACUOLE, rng))


def _nucleus(kind: Kind, frame: Frame, rng: np.random.Generator) -> Field:
    """Distance to a chain of lobes along an arc, bridged and fused."""
    number = rng.integers(kind.lobes[0], kind.lobes[1] + 1)
    angles = np.linspace(-0.5, 0.5, number) * rng.uniform(*kind.sweep) + rng.normal(0, 0.12, number)
    lobes = rng.uniform(*kind.arc) * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    lobes += rng.normal(0, kind.offset, 2) - lobes.mean(0)
    radii = rng.uniform(*kind.lobe) * rng.uniform(0.85, 1.15, number)
    waists = rng.uniform(*kind.waist) * np.minimum(radii[1:], radii[:-1])
    return _fuse(np.concatenate([_discs(frame, lobes, radii), _bridges(frame, lobes, waists)]))


def _add_nucleus(picture: Field, kind: Kind, body: Field, frame: Frame, rng: np.random.Generator) -> None:
    """Stain the nucleus: chromatin clumps between two purples, with a dark membrane."""
    distance = _nucleus(kind, frame, rng)
    dark, light = _dye(NUCLEAR_DARK, rng), _dye(kind.chromatin, rng)
    clumps = np.clip(0.45 + 0.25 * _noise(rng, 26) + 0.3 * _noise(rng, 56), 0, 1)
    membrane = np.clip(1 - np.abs(distance) / EDGE, 0, 1)
    _mix(picture, np.minimum(_mask(distance), body), dark + clumps * (1 - 0.7 * membrane) * (light - dark))


def _photograph(picture: Field, size: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Picture as the camera saves it: at ``size``, a little out of focus, in its light, with its noise."""
    small = _to_image(picture.transpose(1, 2, 0)).resize((size, size), Image.Resampling.BICUBIC)
    blurred = small.filter(ImageFilter.GaussianBlur(rng.uniform(0, 0.012) * size))
    light = rng.normal(1, 0.03) * rng.normal(1, 0.012, 3)
    light *= BLUE_CAST if rng.random() < BLUE_CAST_RATE else 1
    noise = rng.uniform(1, 4) * rng.standard_normal((size, size, 3), dtype=np.float32)
    return np.asarray(_to_image(np.asarray(blurred) * light.astype(np.float32) + noise))


def _to_image(pixels: Field) -> Image.Image:
    return Image.fromarray(np.clip(pixels + 0.5, 0, 255).astype(np.uint8, order="C"))
