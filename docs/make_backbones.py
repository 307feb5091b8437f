"""Write docs/backbones.md from the register: ``make docs``. A test fails while the page is behind the register."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import zoo
from zoo.cli.list import HEADER, row
from zoo.models.registry import spec

PAGE = Path(__file__).with_name("backbones.md")

INTRODUCTION = """# Backbones

These are the names that `zoo.build` and `zoo fit --member` know; `zoo list` prints the same table. `make docs`
generates this page.

- *size* is the side of the images that a network was designed for, in pixels. Any size from 32 pixels works
  (Inception: 75, Xception: 71, the simple networks: 8). The official weights of `nasnet_large` need `resize=331`.
  Networks of patches enlarge images to whole ones: see [transformers](hub.md#size-of-the-images).
- *parameters* counts the backbone without a classifier.
- *pixels* is the convention that the backbone expects; the graph applies it. `caffe` is BGR minus ImageNet's mean,
  `tf` is -1 to 1, `torch` is ImageNet's mean and deviation, `unit` is 0 to 1, and `inside` means that the network
  itself normalises 0 to 255.
- *weights* says whether pretrained weights exist. [Offline weights](offline-weights.md) describes how the library
  finds them, and [transformers](hub.md) those of KerasHub, which is an extra.
- *licence* is that of the official weights, as their authors give it; your own weights have theirs.
"""

PRESETS = """The official presets of KerasHub's backbones, as KerasHub names them:
"""


def page() -> str:
    """Make the page's text."""
    lines = [_line(HEADER), _line(["---"] * len(HEADER)), *(_line(row(name)) for name in zoo.names())]
    presets = [(name, f"`{spec(name).preset}`") for name in zoo.names() if spec(name).preset]
    official = [_line(("name", "preset")), _line(["---"] * 2), *map(_line, presets)]
    return INTRODUCTION + "\n" + "\n".join(lines) + "\n\n" + PRESETS + "\n" + "\n".join(official) + "\n"


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


if __name__ == "__main__":
    PAGE.write_text(page())
