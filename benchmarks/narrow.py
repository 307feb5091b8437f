"""One network of each of KerasHub's families, narrow enough to learn drawn images from scratch on two cores."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from zoo.models import registry
from zoo.models.backbones.hub_mobile import attention, edge, inverted, mobile_options
from zoo.models.backbones.hub_network import HubNetwork

ENCODER = {"hidden_dim": 96, "num_layers": 4, "num_heads": 3}
INNER = {**ENCODER, "intermediate_dim": 384}
NARROW: dict[str, dict[str, Any]] = {
    "vit_tiny": {**ENCODER, "mlp_dim": 384},
    "deit_tiny": INNER,
    "dinov2_small": INNER,
    "dinov2_small_registers": INNER,
    "dinov3_small": INNER,
    "dinov3_small_plus": INNER,
    "siglip2_base": INNER,
    "swin_tiny": {"embed_dim": 32, "depths": (1, 1, 2, 1), "num_heads": (1, 2, 4, 8), "window_size": 3},
    "mobilenet_v5_300m": mobile_options(
        (32, [edge(2), edge(1)]),
        (64, [inverted(3, 4.0, down=True), attention(4, 16, 1), inverted(0, 2.0)]),
        stem_size=32,
        num_features=128,
        msfa_output_resolution=6,
    ),
}


def make_narrow() -> None:
    """Let the names of the register build these networks, in this process."""
    for name, options in NARROW.items():
        record = registry.spec(name)
        assert isinstance(record.builder, HubNetwork)
        registry.add(replace(record, builder=replace(record.builder, options=record.builder.options | options)))
