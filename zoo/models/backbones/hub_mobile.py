"""MobileNetV5 of KerasHub: the encoder of Gemma 3n, as a table of its blocks."""

from __future__ import annotations

from typing import Any

from zoo.models.backbones.hub_network import Row, family

GEMMA_TERMS = (
    "Weights of MobileNetV5 are part of Gemma 3n and under the Gemma Terms of Use of Google, which forbid some uses: "
    "whoever uses or passes on the weights, or what was made of them, agrees to them. Read them first: "
    "https://ai.google.dev/gemma/terms"
)
Block = dict[str, Any]  # by KerasHub's names of a block's properties; what is left out is 0


def edge(stride: int = 1) -> Block:
    """An edge residual block."""
    return {"block_types": "er", "strides": stride, "exp_ratios": 4.0, "exp_kernel_sizes": 3, "pw_kernel_sizes": 1}


def inverted(start: int, ratio: float, *, down: bool = False) -> Block:
    """A universal inverted residual; one that halves the map has a second depthwise convolution, of 5x5."""
    block: Block = {"block_types": "uir", "exp_ratios": ratio, "dw_start_kernel_sizes": start}
    return block | ({"strides": 2, "dw_kernel_sizes": 5} if down else {})


def attention(heads: int, width: int, stride: int) -> Block:
    """An attention whose heads share keys and values."""
    return {
        "block_types": "mqa",
        "num_heads": heads,
        "key_dims": width,
        "value_dims": width,
        "kv_strides": stride,
    }


PROPERTIES: dict[str, Any] = {
    "block_types": "",
    "strides": 1,
    "act_layers": "gelu",
    "exp_ratios": 0.0,
    "se_ratios": 0.0,
    "dw_kernel_sizes": 0,
    "dw_start_kernel_sizes": 0,
    "dw_end_kernel_sizes": 0,
    "exp_kernel_sizes": 0,
    "pw_kernel_sizes": 0,
    "num_heads": 0,
    "key_dims": 0,
    "value_dims": 0,
    "kv_strides": 0,
    "use_cpe": False,
}


def mobile_options(*stages: tuple[int, list[Block]], **others: Any) -> dict[str, Any]:
    """The options of KerasHub's network from its stages, each a width and its blocks."""
    options: dict[str, Any] = {
        f"stackwise_{name}": [[block.get(name, default) for block in blocks] for _, blocks in stages]
        for name, default in PROPERTIES.items()
    }
    options["stackwise_num_blocks"] = [len(blocks) for _, blocks in stages]
    options["stackwise_num_filters"] = [[width] * len(blocks) for width, blocks in stages]
    return {**options, "use_msfa": True, "layer_scale_init_value": 1e-5, **others}


family(
    "MobileNetV5",
    "MobileNetV5Backbone",
    "unit",
    "Gemma 3n, Google DeepMind, 2025",
    {
        "mobilenet_v5_300m": Row(
            parameters=294_284_096,
            preset="mobilenetv5_300m_enc_gemma3n",
            options=mobile_options(
                (128, [edge(2), edge(), edge()]),
                (256, [inverted(3, 6.0, down=True), *(inverted(side, 4.0) for side in (5, 3, 5, 3))]),
                (
                    640,
                    [
                        inverted(5, 6.0, down=True),
                        *[inverted(5, 4.0)] * 7,
                        inverted(0, 1.0),
                        *[attention(12, 64, 2), inverted(0, 2.0)] * 14,
                    ],
                ),
                (1280, [inverted(5, 6.0, down=True), *[attention(16, 96, 1), inverted(0, 2.0)] * 19]),
                stem_size=64,
                num_features=2048,
            ),
            image_size=768,
        )
    },
    licence="Gemma Terms of Use",
    terms=GEMMA_TERMS,
)
