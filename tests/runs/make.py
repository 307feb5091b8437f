"""Write the two small runs of the present format that later versions have to read; see README.md beside it."""

import shutil
from pathlib import Path

import keras
import numpy as np

from zoo import Ensemble, Recipe
from zoo.models.plan import Plan
from zoo.models.registry import register
from zoo.state.ensemble_record import FORMAT
from zoo.state.run_folder import remove, spare_parts

COLOURS = np.array([[60, 60, 200], [60, 200, 60], [200, 60, 60]])
NAMES = np.array(["blue", "green", "red"])
RUNS = {
    "single": {"method": "soft", "uncertainty": "distance"},
    "folds": {"method": "weighted", "folds": 2, "views": "flips"},
}


@register(pixels="tf", min_size=8, parameters=0)
def tiny(input_shape, weights=None):
    """Two convolutions."""
    images = keras.Input(input_shape)
    x = keras.layers.Conv2D(4, 3, strides=2, activation="relu", name="conv_1")(images)
    return keras.Model(images, keras.layers.Conv2D(8, 3, activation="relu", name="conv_2")(x))


def pictures(count, seed):
    """Images ``(count, 12, 12, 3)`` of noise around a colour, and the colours' numbers."""
    random, labels = np.random.default_rng(seed), np.arange(count) % 3
    noise = random.normal(0, 60, (count, 12, 12, 3))
    return np.clip(COLOURS[labels][:, None, None] + noise, 0, 255).astype(np.uint8), labels


def main():
    """Write both."""
    root = Path(__file__).with_name(f"format_{FORMAT}")
    shutil.rmtree(root, ignore_errors=True)
    train, ids = pictures(60, 0)
    images = pictures(6, 1)[0]
    recipe = Recipe(epochs=3, batch_size=16, learning_rate=3e-3)
    for name, options in RUNS.items():
        members = ["tiny"] if options.get("folds") else ["tiny", Plan(backbone="tiny", name="second", seed=1)]
        ensemble = Ensemble(members, recipe=recipe, store=root / name, **options).fit(train, NAMES[ids])
        np.savez(root / f"{name}.npz", **known(ensemble, images))
        shutil.rmtree(root / name / "rules")
        remove(root / name, spare_parts(root / name))


def known(ensemble, images):
    """What an ensemble says of images."""
    members, answers = ensemble.member_logits(images), ensemble.answer(images)
    rules = {f"rule_{name}": ensemble.rule(name).combine(members) for name in ensemble.rules_}
    said = {name: getattr(answers, name) for name in ("uncertainty", "accepted", "sets")}
    return {"images": images, "members": members, "predict": ensemble.predict(images), **said, **rules}


if __name__ == "__main__":
    main()
