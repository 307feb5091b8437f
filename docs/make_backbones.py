"""Write docs/backbones.md from the register: ``make docs``. A test fails while the page is behind the register."""

from __future__ import annotations

from pathlib import Path

import zoo
from zoo.cli.list import HEADER, row

PAGE = Path(__file__).with_name("backbones.md")

INTRODUCTION = """# Backbones

Every name that `zoo.build` and `zoo fit --member` know; `zoo list` prints the same table. This page is generated
(`make docs`).

*size* is the side of the images that a network was designed for, in pixels; any size from 32 (Inception: 75,
Xception: 71, the simple networks: 8) works,
except that the official weights of `nasnet_large` need `resize=331`.
*parameters* counts the backbone without a classifier. *pixels* is the
convention that it expects, which the graph applies by itself: `caffe` is BGR less ImageNet's mean, `tf` is -1 to 1,
`torch` is ImageNet's mean and deviation, `inside` means that the network normalises 0 to 255 on its own. *ImageNet*
says whether there are pretrained weights: [offline weights](offline-weights.md) tells how they are found.
"""


def page() -> str:
    """Make the page's text."""
    lines = [_line(HEADER), _line(["---"] * len(HEADER)), *(_line(row(name)) for name in zoo.names())]
    return INTRODUCTION + "\n" + "\n".join(lines) + "\n"


def _line(cells: tuple[str, ...] | list[str]) -> str:
    return "| " + " | ".join(cells) + " |"


if __name__ == "__main__":
    PAGE.write_text(page())
