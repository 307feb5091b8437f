"""timm's networks of the same names on PyTorch, not compiled: channels last, no gradients."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.util import find_spec

import numpy as np
from networks import CLASSES

TIMM = {
    "convnext_tiny": "convnext_tiny",
    "convnext_small": "convnext_small",
    "efficientnet_v2_s": "tf_efficientnetv2_s",
    "efficientnet_v2_b3": "tf_efficientnetv2_b3",
    "resnet50_v2": "resnetv2_50",
    "densenet121": "densenet121",
    "mobilenet_v2": "mobilenetv2_100",
    "inception_resnet_v2": "inception_resnet_v2",
}


def torch_ensemble(names: Sequence[str], label: str) -> dict[str, Callable[[np.ndarray], np.ndarray]]:
    """Return one way to ask for probabilities; none where PyTorch or a network is not there."""
    if not (find_spec("torch") and find_spec("timm") and set(names) <= TIMM.keys()):
        return {}
    import timm
    import torch

    networks = [
        timm.create_model(TIMM[name], num_classes=CLASSES).eval().to(memory_format=torch.channels_last)
        for name in names
    ]

    @torch.inference_mode()
    def ask(images: np.ndarray) -> np.ndarray:
        pixels = torch.from_numpy(images).permute(0, 3, 1, 2).float() / 127.5 - 1
        logits = torch.stack([network(pixels) for network in networks]).mean(dim=0)
        return logits.softmax(dim=1).numpy()

    return {label: ask}
