"""timm's networks of the same names on PyTorch, not compiled: channels last, no gradients.

They run in a process of their own, because PyTorch and TensorFlow in one can crash; images and answers are piped.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, partial
from importlib.util import find_spec
from typing import Any

import numpy as np
from joblib.externals.loky import get_reusable_executor

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


def torch_ensemble(names: Sequence[str], classes: int) -> Callable[[np.ndarray], np.ndarray] | None:
    """Return a way to ask for probabilities; None where PyTorch or a network is not there."""
    if not (find_spec("torch") and find_spec("timm") and set(names) <= TIMM.keys()):
        return None
    return partial(_asked_elsewhere, tuple(TIMM[name] for name in names), classes)


def _asked_elsewhere(names: tuple[str, ...], classes: int, images: np.ndarray) -> np.ndarray:
    answers: np.ndarray = get_reusable_executor(max_workers=1).submit(_answer, names, classes, images).result()
    return answers


def _answer(names: tuple[str, ...], classes: int, images: np.ndarray) -> np.ndarray:
    import torch

    with torch.inference_mode():
        pixels = torch.from_numpy(images).permute(0, 3, 1, 2).float() / 127.5 - 1
        logits = [network(pixels) for network in _networks(names, classes)]
        answers: np.ndarray = torch.stack(logits).mean(dim=0).softmax(dim=1).numpy()
    return answers


@cache
def _networks(names: tuple[str, ...], classes: int) -> list[Any]:
    import timm
    import torch

    made = [timm.create_model(name, num_classes=classes).eval() for name in names]
    return [network.to(memory_format=torch.channels_last) for network in made]
