"""What the benchmarks on real images take."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from zoo.data import Images


def on_real_images(description: str, *, images: int) -> argparse.ArgumentParser:
    """Return a parser of ``--data``, ``--weights-dir`` and ``--images``, so many by default."""
    options = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--data", required=True, help="a folder of images by class")
    options.add_argument("--weights-dir", required=True, help="a folder of pretrained weights")
    options.add_argument("--images", type=int, default=images, help=f"to train with, {images:,} by default")
    return options


def chooser_and_scored(images: Images) -> tuple[Images, Images]:
    """Divide validation images: a third to choose epochs and fit rules with, two thirds to score with."""
    rows = np.arange(len(images)) % 3 == 0
    return images.subset(rows), images.subset(~rows)
