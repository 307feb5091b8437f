"""timm's networks of the same names on PyTorch, not compiled: channels last, no gradients."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from apart import Ask

TIMM = {
    "convnext_tiny": "convnext_tiny",
    "convnext_small": "convnext_small",
    "efficientnet_v2_b0": "tf_efficientnetv2_b0",
    "efficientnet_v2_s": "tf_efficientnetv2_s",
    "efficientnet_v2_b3": "tf_efficientnetv2_b3",
    "resnet50_v2": "resnetv2_50",
    "densenet121": "densenet121",
    "mobilenet_v2": "mobilenetv2_100",
    "inception_resnet_v2": "inception_resnet_v2",
}


def torch_has(names: Sequence[str]) -> bool:
    """Say whether PyTorch is there, and timm with all of these networks."""
    return bool(find_spec("torch") and find_spec("timm") and set(names) <= TIMM.keys())


def open_torch(names: Sequence[str], classes: int) -> Ask:
    """Return a way to ask for probabilities; not in a process with TensorFlow, which can crash."""
    import timm
    import torch

    made = [timm.create_model(TIMM[name], num_classes=classes).eval() for name in names]
    networks = [network.to(memory_format=torch.channels_last) for network in made]

    def ask(images: np.ndarray) -> np.ndarray:
        with torch.inference_mode():
            pixels = torch.from_numpy(images).permute(0, 3, 1, 2).float() / 127.5 - 1
            logits = [network(pixels) for network in networks]
            answers: np.ndarray = torch.stack(logits).mean(dim=0).softmax(dim=1).numpy()
        return answers

    return ask
