"""An epoch of training steps in this process by PyTorch, with timm's networks; JSON for its caller.

``training_step.py`` calls it. It runs in an environment with torch and timm, and needs nothing of the library.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable

import numpy as np
import timm
import torch
from counters import peak_memory, usage, used_since
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset
from torch_networks import TIMM

CLASSES, DROPOUT = 8, 0.2  # as the library's head
DROP_PATH = {"efficientnet_v2_b0": 0.2}  # as Keras builds it
RATE, DECAY, CLIP = 1e-4, 1e-4, 1.0


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("member")
    options.add_argument("--trains", choices=("all", "all-but-norms", "head"), default="all")
    options.add_argument("--size", type=int, required=True)
    options.add_argument("--batch", type=int, required=True)
    options.add_argument("--steps", type=int, required=True)
    options.add_argument("--compile", action="store_true")
    given = options.parse_args()
    network = freeze(build(given.member, given.size), given.trains).to(memory_format=torch.channels_last)
    forward = torch.compile(network) if given.compile else network
    used = train(network, forward, batches(given.batch, given.steps, given.size))
    print(json.dumps(used | {"peak": peak_memory()}))


def build(member: str, size: int) -> nn.Module:
    if member == "simple_cnn":
        return simple_cnn(size)
    options = {"drop_path_rate": DROP_PATH[member]} if member in DROP_PATH else {}
    made: nn.Module = timm.create_model(TIMM[member], num_classes=CLASSES, drop_rate=DROPOUT, **options)
    return made


def simple_cnn(size: int) -> nn.Module:
    """The library's ``simple_cnn``, layer by layer."""
    blocks = [
        layer
        for before, after in ((3, 32), (32, 64))
        for layer in (nn.Conv2d(before, after, 3, padding="same"), nn.ReLU(), nn.MaxPool2d(2))
    ]
    return nn.Sequential(*blocks, nn.Flatten(), nn.Dropout(DROPOUT), nn.Linear(64 * (size // 4) ** 2, CLASSES))


def freeze(network: nn.Module, trains: str) -> nn.Module:
    """Leave all, all but batch norms, which stay in inference, or the last layer to train."""
    network.train()
    if trains == "all":
        return network
    *body, _ = network.modules()
    for module in body:
        norm = isinstance(module, nn.modules.batchnorm._BatchNorm)
        if norm:
            module.eval()
        if norm or trains == "head":
            for weight in module.parameters(recurse=False):
                weight.requires_grad_(False)
    return network


def batches(batch: int, steps: int, size: int) -> DataLoader[tuple[Tensor, ...]]:
    """Shuffled batches of uint8 images."""
    random, count = np.random.default_rng(0), batch * (1 + steps)
    images = torch.from_numpy(random.integers(0, 256, (count, size, size, 3), dtype=np.uint8)).permute(0, 3, 1, 2)
    return DataLoader(TensorDataset(images, torch.arange(count) % CLASSES), batch, shuffle=True)


def train(
    network: nn.Module, forward: Callable[[Tensor], Tensor], data: DataLoader[tuple[Tensor, ...]]
) -> dict[str, float]:
    """Train for two epochs; what the second one's steps used but its first."""
    weights = [weight for weight in network.parameters() if weight.requires_grad]
    optimizer = torch.optim.AdamW(weights, RATE, weight_decay=DECAY)
    for _ in range(2):
        right = 0.0
        for step, (images, labels) in enumerate(data):
            if step == 1:
                start = usage()
            pixels = images.to(torch.float32, memory_format=torch.channels_last) / 127.5 - 1
            logits = forward(pixels)
            loss = nn.functional.cross_entropy(logits, labels)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(weights, CLIP)
            optimizer.step()
            right += (logits.argmax(dim=1) == labels).sum().item()
    return used_since(start)


if __name__ == "__main__":
    main()
