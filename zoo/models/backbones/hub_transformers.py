"""The transformers of KerasHub as a table: a family for each architecture, a row for each size.

Pixels, as in :mod:`zoo.models.backbones.families`, are what the official presets were trained on. Nothing here imports
KerasHub, which is an extra. To add a size, add its row.
"""

from __future__ import annotations

from typing import Any

from zoo.models.backbones.hub_network import Row, family

DINOV3_TERMS = (
    "Weights of DINOv3 are under Meta's DINOv3 License, which is no open-source licence: whoever uses or passes on the "
    "weights, or what was made of them, agrees to it. Read it first: https://ai.meta.com/resources/"
    "models-and-libraries/dinov3-license/"
)


def _encoder(width: int, layers: int, heads: int, mlp: str, inner: int = 0, **others: Any) -> dict[str, Any]:
    """The options that all vision transformers have; ``mlp`` is what a network calls the width of its inner layer."""
    return {"hidden_dim": width, "num_layers": layers, "num_heads": heads, mlp: inner or 4 * width, **others}


def _patches(side: int, *options: Any, **others: Any) -> dict[str, Any]:
    return _encoder(*options, patch_size=side, **others)


family(
    "ViT",
    "ViTBackbone",
    "tf",
    "Dosovitskiy et al., 2021, arXiv:2010.11929",
    {
        "vit_tiny": Row(
            parameters=5_524_224,
            preset="hf://WinKawaks/vit-tiny-patch16-224",
            options=_patches(16, 192, 12, 3, "mlp_dim"),
            patch=16,
        ),
        "vit_small": Row(
            parameters=21_665_280,
            preset="hf://WinKawaks/vit-small-patch16-224",
            options=_patches(16, 384, 12, 6, "mlp_dim"),
            patch=16,
        ),
        "vit_base": Row(
            parameters=85_797_888,
            preset="vit_base_patch16_224_imagenet",
            options=_patches(16, 768, 12, 12, "mlp_dim"),
            patch=16,
        ),
        "vit_large": Row(
            parameters=303_300_608,
            preset="vit_large_patch16_224_imagenet",
            options=_patches(16, 1024, 24, 16, "mlp_dim"),
            patch=16,
        ),
    },
    features="first",
    licence="Apache-2.0",
)
family(
    "DeiT",
    "DeiTBackbone",
    "torch",
    "Touvron et al., 2021, arXiv:2012.12877",
    {
        "deit_tiny": Row(
            parameters=5_524_416,
            preset="deit_tiny_distilled_patch16_224_imagenet",
            options=_patches(16, 192, 12, 3, "intermediate_dim"),
            patch=16,
        ),
        "deit_small": Row(
            parameters=21_665_664,
            preset="deit_small_distilled_patch16_224_imagenet",
            options=_patches(16, 384, 12, 6, "intermediate_dim"),
            patch=16,
        ),
        "deit_base": Row(
            parameters=85_798_656,
            preset="deit_base_distilled_patch16_224_imagenet",
            options=_patches(16, 768, 12, 12, "intermediate_dim"),
            patch=16,
        ),
    },
    features="first",
    licence="Apache-2.0",
)
# What a preset must not be goes into the options too, as a preset is checked by them.
PLAIN = {"num_register_tokens": 0, "antialias_in_interpolation": False, "use_swiglu_ffn": False}
DINOV2 = {
    "small": _patches(14, 384, 12, 6, "intermediate_dim", **PLAIN),
    "base": _patches(14, 768, 12, 12, "intermediate_dim", **PLAIN),
    "large": _patches(14, 1024, 24, 16, "intermediate_dim", **PLAIN),
}
family(
    "DINOv2",
    "DINOV2Backbone",
    "torch",
    "Oquab et al., 2023, arXiv:2304.07193",
    {
        "dinov2_small": Row(
            parameters=21_628_416, preset="dinov2_small", options=DINOV2["small"], patch=14, min_size=28
        ),
        "dinov2_base": Row(parameters=85_724_160, preset="dinov2_base", options=DINOV2["base"], patch=14, min_size=28),
        "dinov2_large": Row(
            parameters=303_226_880, preset="dinov2_large", options=DINOV2["large"], patch=14, min_size=28
        ),
    },
    features="first_and_mean",
    licence="Apache-2.0",
)
REGISTERS = {"num_register_tokens": 4, "antialias_in_interpolation": True}
family(
    "DINOv2 with registers",
    "DINOV2Backbone",
    "torch",
    "Darcet et al., 2023, arXiv:2309.16588",
    {
        f"dinov2_{size}_registers": Row(
            parameters=parameters,
            preset=f"dinov2_with_registers_{size}",
            options=DINOV2[size] | REGISTERS,
            patch=14,
            min_size=28,
        )
        for size, parameters in {"small": 21_629_952, "base": 85_727_232, "large": 303_230_976}.items()
    },
    features="first_and_mean",
    licence="Apache-2.0",
)
DINOV3 = {"num_register_tokens": 4, "use_key_bias": False, "use_gated_mlp": False, "hidden_activation": "gelu"}
GATED = {"use_gated_mlp": True, "hidden_activation": "silu"}
family(
    "DINOv3",
    "DINOV3Backbone",
    "torch",
    "Siméoni et al., 2025, arXiv:2508.10104",
    {
        "dinov3_small": Row(
            parameters=21_596_160,
            preset="dinov3_vit_small_lvd1689m",
            options=_patches(16, 384, 12, 6, "intermediate_dim", **DINOV3),
            patch=16,
        ),
        "dinov3_small_plus": Row(
            parameters=28_692_480,
            preset="dinov3_vit_small_plus_lvd1689m",
            options=_patches(16, 384, 12, 6, "intermediate_dim", **(DINOV3 | GATED)),
            patch=16,
        ),
        "dinov3_base": Row(
            parameters=85_659_648,
            preset="dinov3_vit_base_lvd1689m",
            options=_patches(16, 768, 12, 12, "intermediate_dim", **DINOV3),
            patch=16,
        ),
        "dinov3_large": Row(
            parameters=303_128_576,
            preset="dinov3_vit_large_lvd1689m",
            options=_patches(16, 1024, 24, 16, "intermediate_dim", **DINOV3),
            patch=16,
        ),
    },
    features="first",
    licence="DINOv3 License",
    terms=DINOV3_TERMS,
)
family(
    "SigLIP 2, vision tower",
    "SigLIPVisionEncoder",
    "tf",
    "Tschannen et al., 2025, arXiv:2502.14786",
    {
        "siglip2_base": Row(
            parameters=92_884_224,
            preset="siglip2_base_patch16_224",
            options=_patches(16, 768, 12, 12, "intermediate_dim"),
            patch=16,
        ),
        "siglip2_large": Row(
            parameters=315_956_224,
            preset="siglip2_large_patch16_256",
            options=_patches(16, 1024, 24, 16, "intermediate_dim"),
            image_size=256,
            patch=16,
        ),
        "siglip2_so400m": Row(
            parameters=427_680_704,
            preset="siglip2_so400m_patch14_224",
            options=_patches(14, 1152, 27, 16, "intermediate_dim", 4304),
            patch=14,
            min_size=28,
        ),
    },
    licence="Apache-2.0",
)


def _swin(width: int, depth: int, heads: int) -> dict[str, Any]:
    """Four stages, of which the third has all the depth."""
    return {
        "embed_dim": width,
        "depths": (2, 2, depth, 2),
        "num_heads": tuple(heads * 2**stage for stage in range(4)),
        "window_size": 7,
    }


family(
    "Swin",
    "SwinTransformerBackbone",
    "torch",
    "Liu et al., 2021, arXiv:2103.14030",
    {
        "swin_tiny": Row(
            parameters=27_519_354, preset="swin_tiny_patch4_window7_224", options=_swin(96, 6, 3), patch=4
        ),
        "swin_small": Row(
            parameters=48_837_258, preset="swin_small_patch4_window7_224", options=_swin(96, 18, 3), patch=4
        ),
        "swin_base": Row(
            parameters=86_743_224, preset="swin_base_patch4_window7_224", options=_swin(128, 18, 4), patch=4
        ),
        "swin_large": Row(
            parameters=194_995_476, preset="swin_large_patch4_window7_224", options=_swin(192, 18, 6), patch=4
        ),
    },
    licence="MIT",
)
