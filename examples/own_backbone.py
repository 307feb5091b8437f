"""A backbone of your own in an ensemble, on the drawn demo images: python examples/own_backbone.py"""

import keras

from zoo import Ensemble, Recipe, load, register
from zoo.data import drop_duplicates


@register(pixels="tf", family="mine", min_size=16)
def pocket_net(input_shape, weights=None):
    """Three strided convolutions."""
    images = x = keras.Input(input_shape)
    for filters in (16, 32, 64):
        x = keras.layers.Conv2D(filters, 3, strides=2, activation="relu")(x)
    return keras.Model(images, x)


if __name__ == "__main__":
    splits, found = drop_duplicates(load("demo", image_size=32))
    print(found["train"])
    recipe = Recipe(head_epochs=8, epochs=0, head_learning_rate=3e-3)
    print(Ensemble(["pocket_net", "simple_cnn"], recipe=recipe).fit(splits).leaderboard())
