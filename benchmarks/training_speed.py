"""Images a second of fine-tuning MobileNetV2 with ``composite``: against arrays as they are, and against bare Keras.

python benchmarks/training_speed.py --data FOLDER --weights-dir FOLDER
"""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
from compare import compare
from options import on_real_images

import zoo
from zoo.augment import make_policy
from zoo.data import Images
from zoo.data.batches import Drawing, TrainingBatches
from zoo.data.splits import limit
from zoo.data.views import Fresh
from zoo.training.freezing import unfreeze

BATCH = 32


def main() -> None:
    options = on_real_images(__doc__, images=640)
    options.add_argument("--rounds", type=int, default=5)
    given = options.parse_args()
    images = limit(zoo.load(given.data).train, given.images)
    ours = epochs_with(network(images, given.weights_dir), images, "composite")
    plain = epochs_with(network(images, given.weights_dir), images, "none")
    bare = epochs_of_bare_keras(network(images, given.weights_dir), images)
    name = f"MobileNetV2, all layers, batch {BATCH}, composite"
    compare(f"{name} : our batches without augmentation", ours, plain, rounds=given.rounds, images=len(images))
    compare(f"{name} : keras.Model.fit on arrays", ours, bare, rounds=given.rounds, images=len(images))


def network(images: Images, weights_dir: str) -> keras.Model:
    model = zoo.build("mobilenet_v2", len(images.classes), image_size=images.image_size, weights_dir=weights_dir).model
    unfreeze(model.get_layer("backbone"), "all", train_batch_norm=False)
    model.compile(keras.optimizers.AdamW(1e-5), keras.losses.CategoricalCrossentropy(from_logits=True))
    return model


def epochs_with(model: keras.Model, images: Images, policy: str) -> Callable[[], object]:
    source = Fresh(images, make_policy(policy), (0,))
    batches = TrainingBatches(source, images.labels, len(images.classes), Drawing(batch_size=BATCH))
    model.fit(batches, verbose=0, shuffle=False)  # once before the clock runs: tracing
    return lambda: model.fit(batches, verbose=0, shuffle=False)


def epochs_of_bare_keras(model: keras.Model, images: Images) -> Callable[[], object]:
    pixels = images.take(np.arange(len(images)))
    targets = np.eye(len(images.classes), dtype="float32")[images.labels]
    model.fit(pixels, targets, batch_size=BATCH, verbose=0)
    return lambda: model.fit(pixels, targets, batch_size=BATCH, verbose=0)


if __name__ == "__main__":
    main()
