"""An epoch of training steps in this process, as the library takes them or as stock Keras does; JSON for its caller.

``training_step.py`` calls it.
"""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

import numpy as np
from counters import peak_memory, usage, used_since
from networks import CLASSES, built_twice, noise_images

import zoo

if TYPE_CHECKING:
    import keras

RATE, DECAY, CLIP = 1e-4, 1e-4, 1.0


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("member")
    options.add_argument("--trains", choices=("all", "all-but-norms", "head"), default="all")
    options.add_argument("--size", type=int, required=True)
    options.add_argument("--batch", type=int)
    options.add_argument("--steps", type=int)
    options.add_argument("--stock", action="store_true", help="as Keras builds and trains it")
    options.add_argument("--difference", action="store_true", help="of the logits of both, on the same weights")
    given = options.parse_args()
    if given.difference:
        print(json.dumps(difference(given.member, given.size)))
        return
    images = noise_images(given.batch * (1 + given.steps), given.size)
    labels = np.arange(len(images)) % CLASSES
    used = (stock if given.stock else ours)(given.member, images, labels, given.batch, given.trains)
    print(json.dumps(used | {"peak": peak_memory()}))


def difference(member: str, size: int) -> float:
    if zoo.spec(member).imagenet is None:
        return 0.0  # it has no other builder
    images = noise_images(8, size)
    ours, theirs = (model.predict_on_batch(images) for model in built_twice(member, size))
    return float(np.abs(ours - theirs).max())


def ours(member: str, images: np.ndarray, labels: np.ndarray, batch: int, trains: str) -> dict[str, float]:
    """Train a member as its ``fit`` does; a pretrained one where not all trains."""
    from zoo.data.loading import with_validation
    from zoo.training import train_planned

    splits = with_validation((images, labels), (images[:CLASSES], labels[:CLASSES]), seed=0)
    built, counter, how = (
        zoo.build(member, CLASSES, image_size=images.shape[1], weights=None),
        counted_epoch(),
        recipe(batch, trains),
    )
    train_planned(built.model, built.own_plan, splits, how, pretrained=trains != "all", callbacks=[counter])
    return counter.used


def recipe(batch: int, trains: str) -> zoo.Recipe:
    """Two epochs of one phase; a head learns on the whole network, without kept features."""
    head, tuning = (0, 2) if trains == "all-but-norms" else (2, 0)
    return zoo.Recipe(
        head_epochs=head,
        epochs=tuning,
        head_learning_rate=RATE,
        learning_rate=RATE,
        weight_decay=DECAY,
        clip_norm=CLIP,
        batch_size=batch,
        augment="none",
        cache="none",
    )


def stock(member: str, images: np.ndarray, labels: np.ndarray, batch: int, trains: str) -> dict[str, float]:
    """Train what Keras builds by ``keras.Model.fit`` on arrays."""
    import keras

    model = stock_network(member, images.shape[1], trains)
    model.compile(
        keras.optimizers.AdamW(RATE, weight_decay=DECAY, global_clipnorm=CLIP),
        keras.losses.CategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    targets, counter = np.eye(CLASSES, dtype="float32")[labels], counted_epoch()
    model.fit(images, targets, batch_size=batch, epochs=2, verbose=0, callbacks=[counter])
    return counter.used


def stock_network(member: str, size: int, trains: str) -> keras.Model:
    """As the guide to transfer learning writes it, with the library's pixels and head."""
    import keras

    from zoo.models.head import Head
    from zoo.models.preprocessing import cast, normalise

    backbone = zoo.spec(member).builder((size, size, 3))
    backbone.trainable = trains != "head"
    for layer in backbone.layers:
        if trains == "all-but-norms" and isinstance(layer, keras.layers.BatchNormalization):
            layer.trainable = False
    images = keras.Input((size, size, 3), dtype="uint8")
    features = backbone(normalise(cast(images), zoo.spec(member).pixels))
    return keras.Model(images, Head().build(backbone.output_shape[1:], CLASSES)(features))


def counted_epoch() -> keras.callbacks.Callback:
    """Count the steps of the last epoch but its first, before which Keras starts to read."""
    import keras

    class Counter(keras.callbacks.Callback):
        def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
            if batch == 0:
                self.start = usage()
            self.used = used_since(self.start)

    return Counter()


if __name__ == "__main__":
    main()
