"""Many pictures on one page, to look at; and what an augmentation does to one's own, before training."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from PIL.PngImagePlugin import PngInfo

from zoo.augment import Policy, augment
from zoo.augment.mixing import mix as blend
from zoo.data.images import Images
from zoo.utils.files import replacing
from zoo.utils.named_paths import check_suffix, destination
from zoo.utils.own_files import check_own

GAP = 4  # pixels between pictures, and around them
LINE = 13  # pixels a line of text
MARK = "Software", "ensemble-zoo, contact sheet"  # a text of the PNG
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
        FileExistsError: another file than an earlier sheet is at the path.
        ValueError: no pictures, of several sizes or of another kind; not one caption each; no whole number of
            columns or of times; a path that does not end in ``.png``.
    """
    for name, value in (("columns", columns), ("scale", scale)):
        if not isinstance(value, int) or value < 1:
            raise ValueError(f"Expected {name} as a whole number of 1 or more; received {value!r}.")
    _check(pictures, captions)
    path = destination(path)
    check_suffix(path, ".png")
    check_own(path, _is_sheet, "an earlier contact sheet")
    mark = PngInfo()
    mark.add_text(*MARK)
    with replacing(path) as beside:
        _drawn(pictures, columns, captions, scale).save(beside, format="PNG", pnginfo=mark)
    return path


def _is_sheet(path: Path) -> bool:
    try:
        with Image.open(path) as image:
            return image.info.get(MARK[0]) == MARK[1]
    except OSError:
        return False


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
    for index, picture in enumerate(pictures):
        x, y = GAP + index % columns * across, GAP + index // columns * down
        sheet.paste(Image.fromarray(picture).resize((width, height), Image.Resampling.NEAREST), (x, y))
        for number, line in enumerate(captions[index].split("\n") if captions else ()):
            pen.text((x, y + height + number * LINE), _cut(line, width, pen, font), INK, font)
    return sheet


def _cut(line: str, width: int, pen: Pen, font: ImageFont.FreeTypeFont | ImageFont.ImageFont) -> str:
    """Shorten a line until it is no wider than the picture above it."""
    if pen.textlength(line, font) <= width:
        return line
    kept = next((n for n in range(len(line), 0, -1) if pen.textlength(f"{line[:n]}…", font) <= width), 0)
    return f"{line[:kept]}…" if kept else ""


SMALLEST = 96  # pixels: smaller images are drawn larger
FAINT = 0.05  # share of a class that is not worth a caption's line


def preview(
    images: Images,
    policy: Policy,
    path: str | Path,
    *,
    mix: str = "none",
    mix_alpha: float | None = None,
    count: int = 64,
    seed: int = 0,
) -> Path:
    """Write a sheet of augmented images, eight a row, with their classes; of mixed images with each class's share.

    Args:
        images: what to augment; the sheet takes its images from all over them, of each class its share, and some
            again where there are fewer than ``count``.
        policy: from :func:`zoo.augment.make_policy`.
        path: the PNG to write; an earlier sheet there is replaced.
        mix: ``mixup``, ``cutmix`` or ``both``, over all images of the sheet as if they were a batch; or ``none``.
        mix_alpha: its parameter; None is the method's own.
        count: images on the sheet.
        seed: of the draws; another seed gives the same images with other draws.

    Returns:
        The path.

    Raises:
        FileExistsError: another file than an earlier sheet is at the path.
        ValueError: no images, a count below 1, or what :func:`zoo.augment.mixing.mix` refuses.
    """
    if not len(images) or count < 1:
        raise ValueError(f"Expected images and a count of 1 or more; received {len(images)} images, count {count!r}.")
    order = np.argsort(images.labels, kind="stable")
    rows = order[np.arange(count) * len(images) // count]
    pictures = augment(images.take(rows), np.arange(count), policy, (seed,))
    targets = np.eye(len(images.classes), dtype=np.float32)[images.labels[rows]]
    pictures, targets = blend(pictures, targets, mix, alpha=mix_alpha, seed=(seed,))
    captions = [_caption(images.classes, shares) for shares in targets]
    return contact_sheet(pictures, path, captions=captions, scale=max(1, SMALLEST // min(images.image_size)))


def _caption(classes: Sequence[str], shares: np.ndarray) -> str:
    """The classes of an image, the largest share first; the shares of a mixed one."""
    present = [label for label in np.argsort(-shares, kind="stable") if shares[label] > FAINT]
    if len(present) == 1:
        return classes[present[0]]
    return "\n".join(f"{shares[label]:.0%} {classes[label]}" for label in present)
