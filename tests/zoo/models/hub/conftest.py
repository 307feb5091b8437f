"""What tests of KerasHub's networks share: the backbones at tiny sizes, and presets of random weights."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from zoo.models import registry
from zoo.models.backbones.hub_mobile import attention, edge, inverted, mobile_options

VIT = {"hidden_dim": 16, "num_layers": 2, "num_heads": 2}
MLP = {**VIT, "intermediate_dim": 32}
RESNET = {"stackwise_num_filters": [64, 32], "stackwise_num_blocks": [1, 2], "stackwise_num_strides": [1, 2]}
TINY = {  # one of each family, with the same wiring in a thousandth of the weights
    "vit_tiny": {**VIT, "mlp_dim": 32},
    "deit_tiny": MLP,
    "dinov2_small": MLP,
    "dinov2_small_registers": MLP,
    "dinov3_small": MLP,
    "dinov3_small_plus": MLP,
    "siglip2_base": MLP,
    "swin_tiny": {"embed_dim": 8, "depths": (2, 2, 2, 2), "num_heads": (1, 2, 2, 4), "window_size": 2},
    "hgnetv2_b4": {
        "depths": [1, 1],
        "embedding_size": 8,
        "hidden_sizes": [16, 32],
        "stem_channels": [3, 8, 8],
        "stackwise_stage_filters": [[8, 8, 16, 1, 2, 3], [16, 8, 32, 1, 2, 3]],
        "apply_downsample": [False, True],
        "use_lightweight_conv_block": [False, True],
    },
    "mobilenet_v5_300m": mobile_options(
        (16, [edge(2)]),
        (24, [inverted(3, 2.0, down=True), attention(2, 8, 2), inverted(0, 2.0)]),
        stem_size=16,
        num_features=32,
        msfa_output_resolution=4,
        layer_scale_init_value=0.5,
    ),
    "resnet18_timm": RESNET,
    "resnet18_vd": RESNET,
}


@pytest.fixture(scope="session")
def keras_hub():
    """KerasHub, or no test."""
    return pytest.importorskip("keras_hub", reason="KerasHub is an extra: see docs/hub.md")


@pytest.fixture(scope="module")
def shrunk(modules_register, keras_hub):
    """Let names of the register build tiny networks; returns the record of one."""

    def shrink(name):
        record = registry.spec(name)
        builder = replace(record.builder, options=record.builder.options | TINY[name])
        registry.add(replace(record, builder=builder))
        return registry.spec(name)

    return shrink


@dataclass
class Preset:
    """A tiny network of KerasHub with sizeable random weights, and its preset's folder."""

    record: registry.Spec
    hub: Any
    folder: Path
    side: int


@pytest.fixture(scope="module")
def presets(shrunk, keras_hub, tmp_path_factory):
    """Make the preset of a backbone by its name, once."""
    made = {}

    def preset(name):
        if name not in made:
            record = shrunk(name)
            side = 64 if "swin" in name else 4 * max(record.multiple, 8)
            options = {**record.builder.options, "image_shape": (side, side, 3)}
            if "dinov2" in name:
                options["position_embedding_shape"] = (side, side, 3)
            hub = getattr(keras_hub.models, record.builder.network)(**options)
            _randomise(hub)
            folder = tmp_path_factory.mktemp(name) / name
            hub.save_to_preset(str(folder))
            made[name] = Preset(record, hub, folder, side)
        return made[name]

    return preset


def _randomise(hub):
    """Fresh networks are nearly blind: scales of ones, biases and tokens of zeros."""
    random = np.random.default_rng(0)
    for weight in hub.weights:
        if "float" in str(weight.dtype) and "position_embeddings" not in weight.name:
            noise = random.normal(0, 0.1, weight.shape)
            weight.assign(weight.numpy() + (abs(noise) if "variance" in weight.name else noise))
    if hasattr(hub, "embeddings") and hasattr(hub.embeddings, "interpolated_position_embeddings"):
        hub.embeddings.interpolated_position_embeddings.assign(hub.embeddings.position_embeddings)


@pytest.fixture(scope="session")
def pixels():
    """Make a few images of a height and a width."""

    def make(height, width):
        random = np.random.default_rng(1)
        colours = random.integers(0, 200, (4, 1, 1, 3))
        return (colours + random.integers(0, 56, (4, height, width, 3))).astype(np.uint8)

    return make


@pytest.fixture(scope="session")
def in_double():
    """Copy a network to compute in float64, for a deep random one makes much of a rounding."""

    def again(layer):
        if not isinstance(layer, keras.layers.Layer):
            return layer
        config = layer.get_config()
        return type(layer).from_config(config | ({} if config.get("dtype") == "uint8" else {"dtype": "float64"}))

    def copied(model):
        copy = keras.models.clone_model(model, clone_function=again, recursive=True)
        copy.set_weights(model.get_weights())
        return copy

    return copied
