"""The convolutional networks of KerasHub as a table, as :mod:`zoo.models.backbones.hub_transformers` has the others."""

from __future__ import annotations

from typing import Any

from zoo.models.backbones.hub_network import Row, family


def _hgnet(stem: tuple[int, ...], depths: tuple[int, ...], *stages: tuple[int, ...]) -> dict[str, Any]:
    """Stages as (in, within, out, blocks, layers of a block, kernel)."""
    return {
        "depths": depths,
        "embedding_size": stem[-1],
        "hidden_sizes": [stage[2] for stage in stages],
        "stem_channels": [3, *stem],
        "hidden_act": "relu",
        "use_learnable_affine_block": False,
        "stackwise_stage_filters": [list(stage) for stage in stages],
        "apply_downsample": [False, True, True, True],
        "use_lightweight_conv_block": [False, False, True, True],
    }


B4 = ((48, 48, 128, 1, 6, 3), (128, 96, 512, 1, 6, 3), (512, 192, 1024, 3, 6, 5), (1024, 384, 2048, 1, 6, 5))
B5 = ((64, 64, 128, 1, 6, 3), (128, 128, 512, 2, 6, 3), (512, 256, 1024, 5, 6, 5), (1024, 512, 2048, 2, 6, 5))
B6 = ((96, 96, 192, 2, 6, 3), (192, 192, 512, 3, 6, 3), (512, 384, 1024, 6, 6, 5), (1024, 768, 2048, 3, 6, 5))
family(
    "HGNetV2",
    "HGNetV2Backbone",
    "torch",
    "Zhao et al., 2023, arXiv:2304.08069",
    {
        "hgnetv2_b4": Row(
            parameters=13_599_072, preset="hgnetv2_b4_ssld_stage2_ft_in1k", options=_hgnet((32, 48), (1, 1, 3, 1), *B4)
        ),
        "hgnetv2_b5": Row(
            parameters=33_419_680, preset="hgnetv2_b5_ssld_stage2_ft_in1k", options=_hgnet((32, 64), (1, 2, 5, 2), *B5)
        ),
        "hgnetv2_b6": Row(
            parameters=69_179_888, preset="hgnetv2_b6_ssld_stage2_ft_in1k", options=_hgnet((48, 96), (2, 3, 6, 3), *B6)
        ),
    },
    licence="Apache-2.0",
)


def _resnet(block: str, *blocks: int) -> dict[str, Any]:
    """As in timm; those of type ``vd`` begin with three small convolutions (He et al., 2019)."""
    deep = block.endswith("_vd")
    return {
        "block_type": block,
        "use_pre_activation": False,
        "stackwise_num_filters": [64, 128, 256, 512],
        "stackwise_num_blocks": list(blocks),
        "stackwise_num_strides": [1, 2, 2, 2],
        "input_conv_filters": [32, 32, 64] if deep else [64],
        "input_conv_kernel_sizes": [3, 3, 3] if deep else [7],
    }


family(
    "ResNet of timm",
    "ResNetBackbone",
    "torch",
    "Wightman et al., 2021, arXiv:2110.00476",
    {
        "resnet18_timm": Row(
            parameters=11_186_112, preset="resnet_18_imagenet", options=_resnet("basic_block", 2, 2, 2, 2)
        ),
        "resnet34_timm": Row(
            parameters=21_301_696, preset="hf://timm/resnet34.a1_in1k", options=_resnet("basic_block", 3, 4, 6, 3)
        ),
        "resnet50_timm": Row(
            parameters=23_561_152, preset="resnet_50_imagenet", options=_resnet("bottleneck_block", 3, 4, 6, 3)
        ),
        "resnet101_timm": Row(
            parameters=42_605_504, preset="resnet_101_imagenet", options=_resnet("bottleneck_block", 3, 4, 23, 3)
        ),
        "resnet152_timm": Row(
            parameters=58_295_232, preset="resnet_152_imagenet", options=_resnet("bottleneck_block", 3, 8, 36, 3)
        ),
    },
    licence="Apache-2.0",
)
family(
    "ResNet-vd",
    "ResNetBackbone",
    "torch",
    "He et al., 2019, arXiv:1812.01187",
    {
        "resnet18_vd": Row(
            parameters=11_209_824, preset="resnet_vd_18_imagenet", options=_resnet("basic_block_vd", 2, 2, 2, 2)
        ),
        "resnet34_vd": Row(
            parameters=21_325_408, preset="resnet_vd_34_imagenet", options=_resnet("basic_block_vd", 3, 4, 6, 3)
        ),
        "resnet50_vd": Row(
            parameters=23_580_512,
            preset="resnet_vd_50_ssld_v2_fix_imagenet",
            options=_resnet("bottleneck_block_vd", 3, 4, 6, 3),
        ),
        "resnet101_vd": Row(
            parameters=42_624_864,
            preset="resnet_vd_101_ssld_imagenet",
            options=_resnet("bottleneck_block_vd", 3, 4, 23, 3),
        ),
    },
    licence="Apache-2.0",
)
