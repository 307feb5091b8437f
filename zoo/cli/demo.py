"""The run that ``zoo demo`` makes: small networks from scratch, which need no download."""

from zoo.config import Config
from zoo.training.recipe import Recipe

DEMO = Config(
    members=(
        "simple_cnn",
        "simple_cnn_regularized",
        {"backbone": "simple_cnn", "name": "simple_cnn_high_pass", "high_pass": True},
    ),
    recipe=Recipe(head_epochs=12, epochs=0, patience=4, augment="flips"),
)
