"""The head's ten epochs on MobileNetV2: on kept features against the whole network, with one view and with four.

Every round starts with an empty folder, so the time of the features is in it. The plain phase trains on the same
views and is validated on the same images.

python benchmarks/cached_head.py --data FOLDER --weights-dir FOLDER
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import keras
from compare import compare
from options import on_real_images

import zoo
from zoo.data import Images
from zoo.data.splits import limit
from zoo.training import train

RECIPE = zoo.Recipe(head_epochs=10, epochs=0, patience=None, precision="float32")


def main() -> None:
    options = on_real_images(__doc__, images=3000)
    options.add_argument("--validation", type=int, default=500)
    options.add_argument("--rounds", type=int, default=2)
    given = options.parse_args()
    splits = zoo.load(given.data)
    images, validation = limit(splits.train, given.images), limit(splits.to_validate(), given.validation)
    for views, policy in ((1, "none"), (4, "composite")):
        recipe = replace(RECIPE, views=views, augment=policy)
        scores: dict[str, float] = {}
        head = phase(recipe, images, validation, given.weights_dir, scores)
        plain = phase(replace(recipe, cache="none"), images, validation, given.weights_dir, scores)
        ratio = compare(f"head, 10 epochs, {views} views", head, plain, rounds=given.rounds)
        difference = 100 * (scores[recipe.cache] - scores["none"])
        print(
            f"  cached : plain wall time 1/{ratio:.1f}; accuracy on clean validation images {scores[recipe.cache]:.4f}"
        )
        print(f"  cached, {scores['none']:.4f} plain: {difference:+.2f} points")


def phase(
    recipe: zoo.Recipe, images: Images, validation: Images, weights_dir: str, scores: dict[str, float]
) -> Callable[[], None]:
    """Train a head anew at each call, and note its accuracy on clean validation images."""
    member = zoo.build("mobilenet_v2", len(images.classes), image_size=images.image_size, weights_dir=weights_dir)
    start = member.model.get_weights()

    def run() -> None:
        member.model.set_weights(start)
        train(member.model, images, validation, recipe, pretrained=True, seed=0)

    def scored() -> None:
        run()
        scores[recipe.cache] = float((member.predict(validation) == validation.labels).mean())

    keras.utils.set_random_seed(0)
    return scored


if __name__ == "__main__":
    main()
