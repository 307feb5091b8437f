"""Draw the two pictures that do not belong among blood cells: an ogre and a grinning troll.

A doodle is a list of strokes for ``PIL.ImageDraw``: its method, the corners on a board of ``BOARD`` pixels,
its options.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

Stroke: TypeAlias = tuple[str, tuple[int, ...], dict[str, Any]]

BOARD = 256
SKY, SKIN, SHADE, INK, PAPER = "#bfe3ef", "#8bb33d", "#5f8526", "#1d1d1d", "#ffffff"

OGRE: list[Stroke] = [
    ("rectangle", (0, 0, 256, 256), {"fill": SKY}),
    ("line", (70, 80, 30, 44), {"fill": SKIN, "width": 22}),
    ("line", (186, 80, 226, 44), {"fill": SKIN, "width": 22}),
    ("ellipse", (14, 26, 46, 62), {"fill": SHADE}),
    ("ellipse", (210, 26, 242, 62), {"fill": SHADE}),
    ("rectangle", (62, 216, 194, 256), {"fill": "#7a5a34"}),
    ("ellipse", (52, 40, 204, 236), {"fill": SKIN}),
    ("ellipse", (44, 120, 212, 240), {"fill": SKIN}),
    ("ellipse", (78, 88, 118, 124), {"fill": PAPER}),
    ("ellipse", (138, 88, 178, 124), {"fill": PAPER}),
    ("ellipse", (94, 98, 110, 116), {"fill": "#5a3210"}),
    ("ellipse", (146, 98, 162, 116), {"fill": "#5a3210"}),
    ("line", (72, 78, 118, 88), {"fill": SHADE, "width": 9}),
    ("line", (184, 78, 138, 88), {"fill": SHADE, "width": 9}),
    ("ellipse", (104, 118, 152, 160), {"fill": "#9cc44c", "outline": SHADE, "width": 3}),
    ("ellipse", (112, 142, 122, 152), {"fill": SHADE}),
    ("ellipse", (134, 142, 144, 152), {"fill": SHADE}),
    ("chord", (74, 140, 182, 216), {"start": 10, "end": 170, "fill": "#5c1f1f", "outline": SHADE}),
    ("rectangle", (104, 187, 120, 198), {"fill": "#f4efd2"}),
    ("rectangle", (134, 187, 150, 198), {"fill": "#f4efd2"}),
]

TROLL: list[Stroke] = [
    ("rectangle", (0, 0, 256, 256), {"fill": PAPER}),
    ("ellipse", (36, 96, 216, 248), {"fill": PAPER, "outline": INK, "width": 5}),
    ("ellipse", (20, 22, 238, 200), {"fill": PAPER, "outline": INK, "width": 5}),
    ("ellipse", (41, 101, 211, 243), {"fill": PAPER}),
    ("arc", (60, 44, 150, 80), {"start": 190, "end": 330, "fill": INK, "width": 3}),
    ("arc", (120, 40, 214, 84), {"start": 205, "end": 345, "fill": INK, "width": 3}),
    ("chord", (62, 84, 122, 122), {"start": 180, "end": 360, "fill": "#d8d8d8", "outline": INK, "width": 4}),
    ("chord", (148, 80, 214, 120), {"start": 180, "end": 360, "fill": "#d8d8d8", "outline": INK, "width": 4}),
    ("ellipse", (92, 88, 106, 102), {"fill": INK}),
    ("ellipse", (172, 86, 186, 100), {"fill": INK}),
    ("arc", (58, 92, 124, 132), {"start": 20, "end": 160, "fill": INK, "width": 3}),
    ("arc", (146, 88, 216, 132), {"start": 20, "end": 160, "fill": INK, "width": 3}),
    ("arc", (118, 100, 156, 142), {"start": 30, "end": 190, "fill": INK, "width": 4}),
    ("chord", (44, 84, 222, 212), {"start": 8, "end": 172, "fill": PAPER, "outline": INK, "width": 5}),
    ("arc", (40, 56, 226, 186), {"start": 35, "end": 145, "fill": INK, "width": 3}),
    *[("line", (x, 160, x, 205 - abs(x - 133) // 4), {"fill": INK, "width": 3}) for x in range(70, 206, 18)],
    ("arc", (24, 120, 70, 190), {"start": 280, "end": 70, "fill": INK, "width": 3}),
    ("arc", (200, 110, 240, 180), {"start": 110, "end": 250, "fill": INK, "width": 3}),
]


def draw_doodle(strokes: list[Stroke], size: int) -> NDArray[np.uint8]:
    """Draw ``OGRE``, ``TROLL`` or strokes of your own as a ``(size, size, 3)`` uint8 picture in RGB."""
    board = Image.new("RGB", (BOARD, BOARD))
    pen = ImageDraw.Draw(board)
    for method, corners, options in strokes:
        getattr(pen, method)(corners, **options)
    return np.asarray(board.resize((size, size), Image.Resampling.LANCZOS))
