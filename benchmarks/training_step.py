"""A training step, backward pass included: a network as the zoo builds it against as Keras builds it.

Both have the same weights, are compiled alike, and see the same batch. It runs on any backend of Keras.

python benchmarks/training_step.py
KERAS_BACKEND=jax python benchmarks/training_step.py --batch 64        where JAX and a GPU are there
"""

from __future__ import annotations

import argparse

import keras
import numpy as np
from compare import compare
from networks import CLASSES, built_twice, noise_images


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--member", default="convnext_tiny")
    options.add_argument("--size", type=int, default=96)
    options.add_argument("--batch", type=int, default=8)
    options.add_argument("--rounds", type=int, default=5)
    given = options.parse_args()
    images, labels = noise_images(given.batch, given.size), np.arange(given.batch) % CLASSES
    pair = built_twice(given.member, given.size)
    answers = [model.predict_on_batch(images) for model in pair]
    print(f"logits differ by {np.abs(answers[0] - answers[1]).max():.1e} at most", flush=True)
    for model in pair:
        model.compile(keras.optimizers.SGD(1e-4), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
        model.train_on_batch(images, labels)  # traces
    ours, theirs = pair
    compare(
        f"{given.member} at {given.size} px, a training step of {given.batch}, {keras.backend.backend()}",
        lambda: ours.train_on_batch(images, labels),
        lambda: theirs.train_on_batch(images, labels),
        rounds=given.rounds,
        images=given.batch,
    )


if __name__ == "__main__":
    main()
