"""Random networks of Transformers and timm: their preset folders, some images, and the features that they compute.

Run by hub_features.py under a Python that has PyTorch, Transformers and timm: ``python hub_features_torch.py FOLDER``.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import timm
import torch
import transformers as hf
from safetensors.torch import save_file

TORCH = ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
HALF = ([0.5] * 3, [0.5] * 3)
TINY = {"hidden_size": 192, "num_attention_heads": 3, "intermediate_size": 768}
SMALL = {"hidden_size": 384, "num_attention_heads": 6}


def shaken(model: Any) -> Any:
    """Weights that leave nothing blind: biases, scales and statistics differ from their first values."""
    with torch.no_grad():
        for weight in model.parameters():
            weight.add_(torch.randn_like(weight) * 0.03)
        for name, buffer in model.named_buffers():
            if name.endswith("running_mean"):
                buffer.add_(torch.randn_like(buffer) * 0.1)
            if name.endswith("running_var"):
                buffer.mul_(1 + torch.rand_like(buffer))
    return model.eval()


def keep(folder: Path, features: Callable[..., Any], pixels: Any, side: int) -> None:
    """Write images of a size and their features beside the preset."""
    images = np.random.default_rng(side).integers(0, 256, (2, side, side, 3)).astype(np.uint8)
    mean, deviation = pixels
    prepared = ((images / 255 - mean) / deviation).transpose(0, 3, 1, 2).astype(np.float32)
    with torch.no_grad():
        found = features(torch.from_numpy(prepared)).numpy()
    np.savez(folder.parent / f"{folder.name}-{side}.npz", images=images, features=found)


def first(model: Any, name: str) -> Callable[..., Any]:
    """The class token."""
    return lambda x: getattr(model, name)(x, interpolate_pos_encoding=True).last_hidden_state[:, 0]


def first_and_mean(model: Any, prefix: int) -> Callable[..., Any]:
    """The class token and the mean of the patches."""

    def features(x: Any) -> Any:
        tokens = model(x).last_hidden_state
        return torch.cat([tokens[:, 0], tokens[:, prefix:].mean(1)], 1)

    return features


def swin_map(model: Any) -> Callable[..., Any]:
    """The last map; Transformers' Swin keeps the windows of its first call, so each size has a network of its own."""

    def features(x: Any) -> Any:
        tokens = model.swin(x).last_hidden_state
        side = int(tokens.shape[1] ** 0.5)
        return tokens.reshape(len(x), side, side, -1)

    return features


def of_transformers(folder: Path) -> None:
    """ViT, DeiT, DINOv2, DINOv3 and Swin."""
    registers = {"image_size": 518, "patch_size": 14, **SMALL}
    vit = hf.ViTForImageClassification(hf.ViTConfig(**TINY))
    deit = hf.DeiTForImageClassificationWithTeacher(hf.DeiTConfig(**TINY))
    dinov2 = hf.Dinov2Model(hf.Dinov2Config(**registers))
    dinov2_registers = hf.Dinov2WithRegistersModel(hf.Dinov2WithRegistersConfig(**registers))
    dinov3 = hf.DINOv3ViTModel(hf.DINOv3ViTConfig(**SMALL, intermediate_size=1536, num_register_tokens=4))
    made: dict[str, tuple[Any, Callable[..., Any], Any, tuple[int, ...]]] = {
        "vit_tiny": (vit, first(vit, "vit"), HALF, (224, 96)),
        "deit_tiny": (deit, first(deit, "deit"), TORCH, (224, 96)),
        "dinov2_small": (dinov2, first_and_mean(dinov2, 1), TORCH, (224, 98)),
        "dinov2_small_registers": (dinov2_registers, first_and_mean(dinov2_registers, 5), TORCH, (224, 98)),
        "dinov3_small": (dinov3, lambda x: dinov3(x).last_hidden_state[:, 0], TORCH, (224, 96)),
    }
    for name, (model, features, pixels, sides) in made.items():
        shaken(model).save_pretrained(folder / name)
        for side in sides:
            keep(folder / name, features, pixels, side)
    shaken(hf.SwinForImageClassification(hf.SwinConfig())).save_pretrained(folder / "swin_tiny")
    for side in (224, 256):
        swin = hf.SwinForImageClassification.from_pretrained(folder / "swin_tiny").eval()
        keep(folder / "swin_tiny", swin_map(swin), TORCH, side)


def of_timm(folder: Path) -> None:
    """A ResNet and HGNetV2, as timm writes them."""
    for name, architecture in (("resnet18_timm", "resnet18"), ("hgnetv2_b4", "hgnetv2_b4")):
        model, path = shaken(timm.create_model(architecture)), folder / name
        path.mkdir()
        weights = {key: value.contiguous() for key, value in model.state_dict().items()}
        save_file(weights, path / "model.safetensors")
        config = {"tag": "ssld_stage2_ft_in1k", "input_size": [3, 224, 224], "mean": TORCH[0], "std": TORCH[1]}
        whole = {"architecture": architecture, "num_classes": 1000, "num_features": model.num_features}
        (path / "config.json").write_text(json.dumps(whole | {"pretrained_cfg": config}))
        for side in (224, 96):
            keep(path, lambda x, model=model: model.forward_features(x).permute(0, 2, 3, 1), TORCH, side)


if __name__ == "__main__":
    torch.manual_seed(0)
    of_transformers(Path(sys.argv[1]))
    of_timm(Path(sys.argv[1]))
