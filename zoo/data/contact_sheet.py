"""Many pictures on one page, to look at."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from zoo.utils.files import replacing

GAP = 4  # pixels between pictures, and around them
LINE = 13  # pixels a line of text
TEXT = 11  # pixels of a letter
PAPER, INK = (255, 255, 255), (0, 0, 0)

Pen = ImageDraw.ImageDraw


def contact_sheet(
    pictures: np.ndarray | Sequence[np.ndarray],
    path: str | Path,
    *,
    columns: int = 8,
    captions: Sequence[str] | None = None,
    scale: int = 1,
) -> Path:
    """Lay pictures out in rows, each with its caption beneath, and write them as one PNG.

    Args:
        pictures: ``(n, H, W, 3)`` uint8 RGB, or as many arrays ``(H, W, 3)`` of one size.
        path: the file to write; a file there is replaced.
        columns: pictures a row.
        captions: a text for each picture, of one line or several; what is wider than the picture is cut.
        scale: how many times larger to draw the pictures; the text keeps its size.

    Returns:
        The path.

    Raises:
        ValueError: no pictures, of several sizes or of another kind; not one caption each; no whole number of
            columns or of times.
    """
    for name, value in (("columns", columns), ("scale", scale)):
        if not isinstance(value, int) or value < 1:
            raise ValueError(f"Expected {name} as a whole number of 1 or more; received {value!r}.")
    _check(pictures, captions)
    with replacing(Path(path)) as beside:
        _drawn(pictures, columns, captions, scale).save(beside, format="PNG")
    return Path(path)


def _check(pictures: np.ndarray | Sequence[np.ndarray], captions: Sequence[str] | None) -> None:
    kinds = {(*picture.shape, str(picture.dtype)) for picture in pictures}
    if len(kinds) != 1 or not all(len(kind) == 4 and kind[2:] == (3, "uint8") for kind in kinds):
        received = ", ".join(map(str, sorted(kinds, key=str))) or "none"
        raise ValueError(f"Expected pictures (H, W, 3) uint8 of one size; received {received}.")
    if captions is not None and len(captions) != len(pictures):
        raise ValueError(f"Expected a caption for each of {len(pictures)} pictures; received {len(captions)}.")


def _drawn(
    pictures: np.ndarray | Sequence[np.ndarray], columns: int, captions: Sequence[str] | None, scale: int
) -> Image.Image:
    height, width = pictures[0].shape[0] * scale, pictures[0].shape[1] * scale
    lines = max((caption.count("\n") + 1 for caption in captions), default=0) if captions else 0
    across, down = width + GAP, height + GAP + lines * LINE
    columns = min(columns, len(pictures))
    sheet = Image.new("RGB", (GAP + columns * across, GAP + -(-len(pictures) // columns) * down), PAPER)
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(TEXT)
    for place, picture in enumerate(pictures):
        x, y = GAP + place % columns * across, GAP + place // columns * down
        sheet.paste(Image.fromarray(picture).resize((width, height), Image.Resampling.NEAREST), (x, y))
        for number, line in enumerate(captions[place].split("\n") if captions else ()):
            pen.text((x, y + height + number * LINE), _cut(line, width, pen, font), INK, font)
    return sheet


def _cut(line: str, width: int, pen: Pen, font: ImageFont.FreeTypeFont | ImageFont.ImageFont) -> str:
    """Shorten a line until it is no wider than the picture above it."""
    if pen.textlength(line, font) <= width:
        return line
    kept = next((n for n in range(len(line), 0, -1) if pen.textlength(f"{line[:n]}…", font) <= width), 0)
    return f"{line[:kept]}…" if kept else ""
