"""Write MedMNIST-C's corrupted copies of your own images, for ``zoo evaluate --shift --shift-copies OUT``.

The corruptions are those of the package ``medmnistc`` (Di Salvo, Doerrich and Ledig, 2024), which needs PyTorch and
ImageMagick; so this script has a Python of its own, and needs nothing of this library:

pip install medmnistc 'numpy<2.3'      and ImageMagick, such as Debian's libmagickwand-6.q16-6
python benchmarks/medmnistc_copies.py --data blood96/val --out runs/bloodmnist-c --dataset bloodmnist

Images are taken in the order in which the library takes a folder of class folders. The suite is made for images of 224
pixels: others are enlarged to that before they are corrupted.
"""

from __future__ import annotations

import argparse
import random
from pathlib import Path

import numpy as np
from medmnistc.corruptions.registry import CORRUPTIONS_DS
from PIL import Image

SIDE = 224
SUFFIXES = {".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".webp"}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--data", type=Path, required=True, help="a folder of class folders")
    options.add_argument("--out", type=Path, required=True)
    options.add_argument("--dataset", choices=CORRUPTIONS_DS, default="bloodmnist", help="whose corruptions")
    options.add_argument("--seed", type=int, default=0)
    given = options.parse_args()
    classes = sorted(folder.name for folder in given.data.iterdir() if folder.is_dir())
    files = [(file, label) for label, name in enumerate(classes) for file in images_in(given.data / name)]
    pictures = [Image.open(file).convert("RGB").resize((SIDE, SIDE), Image.Resampling.BILINEAR) for file, _ in files]
    labels = np.tile([label for _, label in files], 5)
    given.out.mkdir(parents=True, exist_ok=True)
    random.seed(given.seed)
    np.random.seed(given.seed)
    for kind, corruption in CORRUPTIONS_DS[given.dataset].items():
        corruption.rng = np.random.default_rng(given.seed)
        copies = np.stack([corruption.apply(picture, level) for level in range(5) for picture in pictures])
        np.savez(given.out / f"{kind}.npz", test_images=copies, test_labels=labels, classes=classes)
        print(kind, copies.shape, flush=True)


def images_in(folder: Path) -> list[Path]:
    return sorted(file for file in folder.rglob("*") if file.suffix.lower() in SUFFIXES)


if __name__ == "__main__":
    main()
