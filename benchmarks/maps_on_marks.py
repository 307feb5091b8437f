"""How much of a heat map lies on the mark that an image's class is, for one network of each family.

Images are noise with a small square in one of three colours, at a random place; the colour is the class. The maps of a
network's right answers are compared with the squares: the share of their mass that lies there, against the share of the
area. The sanity checks are printed as well. Networks with ImageNet weights are fine-tuned on such images, others are
trained from scratch, which deep ones need more images and epochs for.

python benchmarks/maps_on_marks.py                                                         simple_cnn, from scratch
python benchmarks/maps_on_marks.py --weights-dir weights/ --member mobilenet_v2
python benchmarks/maps_on_marks.py --narrow --size 96 --epochs 12 --member dinov2_small        needs ensemble-zoo[hub]
"""

from __future__ import annotations

import argparse
import time

import numpy as np
from narrow import make_narrow

import zoo
from zoo import Recipe
from zoo.data import as_images
from zoo.explanation.ensemble_maps import METHODS, member_maps, scaled
from zoo.explanation.sanity import check_member
from zoo.utils.logging import quiet_tensorflow

MARK = 14  # pixels
COLOURS = np.array([[230, 60, 60], [60, 220, 60], [60, 60, 230]])
CHECKED = 8  # images of the sanity checks


def main() -> None:
    """Measure the chosen networks."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--member", action="append", help="a backbone; may be given again")
    parser.add_argument("--weights-dir", help="folder of ImageNet weights; by default networks start at random")
    parser.add_argument("--size", type=int, default=80, help="side of the images")
    parser.add_argument("--images", type=int, default=900)
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--narrow", action="store_true", help="KerasHub's networks with fewer and narrower layers")
    asked = parser.parse_args()
    quiet_tensorflow()
    if asked.narrow:
        make_narrow()
    for name in asked.member or ["simple_cnn"]:
        measure(name, asked)


def measure(name: str, asked: argparse.Namespace) -> None:
    """Train a network, and print a line for each method."""
    images, labels, _ = marked(asked.images, asked.size, seed=0)
    shown, truth, places = marked(60, asked.size, seed=1)
    begun = time.perf_counter()
    weights = "imagenet" if asked.weights_dir else None
    member = zoo.build(name, classes=3, weights=weights, weights_dir=asked.weights_dir)
    recipe = Recipe(head_epochs=1, epochs=asked.epochs, augment="none", validate="clean")
    member.fit(as_images(images, labels), as_images(shown, truth), recipe)
    right = member.predict(shown) == truth
    print(f"{name}: accuracy {right.mean():.2f} after {time.perf_counter() - begun:.0f} s", flush=True)
    for method in METHODS:
        maps = scaled(member_maps(member, shown[right], None, method))
        mass = maps.sum(axis=(1, 2))
        ratio = (maps * places[right]).sum(axis=(1, 2))[mass > 0] / mass[mass > 0] / places.mean()
        check = check_member(member, shown[right][:CHECKED], method=method)
        print(
            f"  {method:10} {ratio.mean():5.1f} times chance (median {np.median(ratio):.1f}), "
            f"{(mass == 0).mean():.0%} empty; {check}",
            flush=True,
        )


def marked(count: int, side: int, *, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw images ``(N, side, side, 3)`` uint8, their class ids, and where the squares lie, bool."""
    random = np.random.default_rng(seed)
    labels = np.arange(count) % len(COLOURS)
    coarse = random.integers(100, 150, (count, side // 4, side // 4, 3)).repeat(4, axis=1).repeat(4, axis=2)
    images = np.clip(coarse + random.normal(0, 8, coarse.shape), 0, 255).astype(np.uint8)
    places = np.zeros(images.shape[:3], bool)
    for image, place, label in zip(images, places, labels, strict=True):
        top, left = random.integers(0, side - MARK, 2)
        place[top : top + MARK, left : left + MARK] = True
        image[place] = COLOURS[label] + random.integers(-20, 20, 3)
    return images, labels, places


if __name__ == "__main__":
    main()
