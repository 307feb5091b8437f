"""The same networks twice, with the same sizeable random weights: as the zoo builds them, and as Keras does."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

import zoo

if TYPE_CHECKING:
    import keras

CLASSES = 8
TRIO = ("convnext_small", "efficientnet_v2_s", "efficientnet_v2_b3")
FITTED_ON = 64  # images of noise: enough for the rules to have something to be fitted on
LEAST_VARIANCE = 0.5  # of a channel, of the mean of a norm's channels


@dataclass(frozen=True)
class Twins:
    """One ensemble of equal weights, twice.

    Attributes:
        ensemble: the zoo's.
        stock: the mean of the same networks' logits as ``keras.applications`` builds them: uint8 images to
            probabilities.
    """

    ensemble: zoo.Ensemble
    stock: keras.Model


def twins(names: Sequence[str], size: int, store: Path) -> Twins:
    """Build an ensemble of backbones at a size, both ways."""
    import keras

    pairs = [built_twice(name, size) for name in names]
    noise = noise_images(FITTED_ON, size), np.arange(FITTED_ON) % CLASSES
    members = [zoo.Member.from_keras(ours, name) for name, (ours, _) in zip(names, pairs, strict=True)]
    ensemble = zoo.Ensemble(members, store=store, calibration="none", drop_duplicates=False).fit(noise, noise)
    images = keras.Input((size, size, 3), dtype="uint8", name="images")
    logits = [stock(images) for _, stock in pairs]
    mean = keras.layers.Average()(logits) if len(logits) > 1 else logits[0]
    return Twins(ensemble, keras.Model(images, keras.layers.Softmax()(mean), name="stock"))


def noise_images(count: int, size: int) -> np.ndarray:
    """Noise of several grains, contrasts and colours, ``(count, size, size, 3)`` uint8."""
    random = np.random.default_rng(0)
    grains = [-(-size // grain) for grain in (1, 4, 16, 64)]
    cells = [random.normal(0, 1, (cell, cell, 3)) for cell in np.resize(grains, count)]
    spread = [cell * random.uniform(5, 80) + random.uniform(0, 255, 3) for cell in cells]
    fine = [np.kron(own, np.ones((-(-size // len(own)),) * 2 + (1,)))[:size, :size] for own in spread]
    return np.stack(fine).clip(0, 255).astype(np.uint8)


def built_twice(name: str, size: int) -> tuple[keras.Model, keras.Model]:
    """Build one network as the zoo does and as Keras does: uint8 images to logits, with the same weights."""
    import keras

    from zoo.models.assembly import BACKBONE

    keras.utils.set_random_seed(0)
    stock = zoo.spec(name).builder((size, size, 3))
    _randomise(stock)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, f"{name}.weights.h5")
        stock.save_weights(file)
        ours = zoo.build(name, CLASSES, image_size=size, weights=file).model
    return ours, keras.models.clone_model(ours, clone_function=lambda layer: stock if layer.name == BACKBONE else layer)


def _randomise(model: keras.Model) -> None:
    """Fresh norms and biases are ones and zeros, which a graph's optimiser would leave out.

    Norms get the statistics of noise: by others a deep network fades to a constant, or multiplies rounding errors.
    """
    random = np.random.default_rng(1)
    draws = {
        "gamma": lambda shape: random.uniform(0.7, 1.3, shape),
        "beta": lambda shape: random.normal(0, 0.1, shape),
        "bias": lambda shape: random.normal(0, 0.1, shape),
    }
    for weight in model.weights:
        if weight.name in draws:
            weight.assign(draws[weight.name](weight.shape))
    _see(model, noise_images(FITTED_ON, model.input_shape[1]))


def _see(model: keras.Model, images: np.ndarray) -> None:
    """Take one batch's statistics, but no channel's variance far below the others': its norm would amplify errors."""
    import keras

    norms = [layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization)]
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.momentum = 0.0
    model(images.astype("float32"), training=True)
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum
        variance = np.asarray(norm.moving_variance)
        norm.moving_variance.assign(np.maximum(variance, LEAST_VARIANCE * variance.mean()))
