"""What the benchmarks on real images take."""

from __future__ import annotations

import argparse


def on_real_images(description: str, *, images: int) -> argparse.ArgumentParser:
    """Return a parser of ``--data``, ``--weights-dir`` and ``--images``, so many by default."""
    options = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--data", required=True, help="a folder of images by class")
    options.add_argument("--weights-dir", required=True, help="a folder of pretrained weights")
    options.add_argument("--images", type=int, default=images, help=f"to train with, {images:,} by default")
    return options
