"""RandAugment, two of its operations for every image, on one thread: the zoo's against three others.

python benchmarks/rand_augment.py [--data FOLDER]

Keras' layers draw once for each call and keras-cv's once for each image; both are compiled and get whole batches,
which suits them best. Pillow's operations are called directly. Keras' and keras-cv's sets lack some of the fourteen.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable
from pathlib import Path

import cv2
import keras
import numpy as np
import tensorflow as tf
from compare import compare
from PIL import Image, ImageEnhance, ImageOps

from zoo.augment import augment, make_policy
from zoo.augment.policies.rand import RAND
from zoo.data import load
from zoo.datasets.smears import smears

SIZE = 96
BATCH = 64
MAGNITUDE = 0.5
POLICY = make_policy("rand", magnitude=MAGNITUDE, operations=2, share=1.0)


def main() -> None:
    options = _options()
    cv2.setNumThreads(1)
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    pictures = _pictures(options.data, options.count)
    for name, theirs in (("Pillow", with_pillow), ("keras-cv", with_keras_cv()), ("keras.layers", with_keras())):
        some = pictures[:BATCH] if name == "keras.layers" else pictures
        ours = _ours(some)
        ours(), theirs(some)  # compiles, and fills caches
        compare(f"{name}, {SIZE} px", ours, lambda t=theirs, s=some: t(s), rounds=options.rounds, images=len(some))


def with_pillow(pictures: np.ndarray) -> list[np.ndarray]:
    """Call Pillow's operations, drawn as ours are."""
    return [_pillow(picture) for picture in pictures]


def with_keras() -> Callable[[np.ndarray], list[np.ndarray]]:
    return _compiled(keras.layers.RandAugment(value_range=(0, 255), num_ops=2, factor=MAGNITUDE))


def with_keras_cv() -> Callable[[np.ndarray], list[np.ndarray]]:
    try:
        import keras_cv
    except ImportError as error:
        raise SystemExit(f"Expected keras-cv; {error}. Install it for this benchmark: pip install keras-cv") from error
    options = {"value_range": (0, 255), "augmentations_per_image": 2, "magnitude": MAGNITUDE}
    return _compiled(keras_cv.layers.RandAugment(**options))


def _compiled(layer: keras.Layer) -> Callable[[np.ndarray], list[np.ndarray]]:
    function = tf.function(lambda batch: layer(batch, training=True))
    return lambda pictures: [
        function(tf.constant(pictures[start : start + BATCH])).numpy() for start in range(0, len(pictures), BATCH)
    ]


def _ours(pictures: np.ndarray) -> Callable[[], np.ndarray]:
    rows = np.arange(len(pictures))
    return lambda: augment(pictures, rows, POLICY, (0, 0))


def _affine(image: Image.Image, *data: float) -> Image.Image:
    return image.transform(image.size, Image.Transform.AFFINE, data, Image.Resampling.BILINEAR)


PILLOW: dict[str, Callable[[Image.Image, float], Image.Image]] = {
    "identity": lambda image, _: image,
    "autocontrast": lambda image, _: ImageOps.autocontrast(image),
    "equalize": lambda image, _: ImageOps.equalize(image),
    "rotate": lambda image, degrees: image.rotate(degrees, Image.Resampling.BILINEAR),
    "solarize": lambda image, below: ImageOps.solarize(image, 256 - abs(below)),
    "color": lambda image, change: ImageEnhance.Color(image).enhance(1 + change),
    "posterize": lambda image, bits: ImageOps.posterize(image, 8 - round(abs(bits))),
    "contrast": lambda image, change: ImageEnhance.Contrast(image).enhance(1 + change),
    "brightness": lambda image, change: ImageEnhance.Brightness(image).enhance(1 + change),
    "sharpness": lambda image, change: ImageEnhance.Sharpness(image).enhance(1 + change),
    "shear_x": lambda image, slope: _affine(image, 1, slope, 0, 0, 1, 0),
    "shear_y": lambda image, slope: _affine(image, 1, 0, 0, slope, 1, 0),
    "translate_x": lambda image, share: _affine(image, 1, 0, share * image.width, 0, 1, 0),
    "translate_y": lambda image, share: _affine(image, 1, 0, 0, 0, 1, share * image.height),
}
NAMES = tuple(PILLOW)


def _pillow(picture: np.ndarray) -> np.ndarray:
    image = Image.fromarray(picture)
    for name in random.choices(NAMES, k=2):
        image = PILLOW[name](image, random.choice((-1, 1)) * MAGNITUDE * RAND.get(name, 0.0))
    return np.asarray(image)


def _pictures(folder: Path | None, count: int) -> np.ndarray:
    """Take pictures from all over a folder, or draw some: ``(count, SIZE, SIZE, 3)`` uint8."""
    if folder is None:
        return smears(count, SIZE).images[:count]
    images = load(folder, image_size=SIZE).train
    return images.take(np.arange(count) * len(images) // count)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="a folder of images by class; drawn cells without")
    parser.add_argument("--count", type=int, default=512, help="images")
    parser.add_argument("--rounds", type=int, default=7, help="times that each is timed")
    return parser.parse_args()


if __name__ == "__main__":
    main()
