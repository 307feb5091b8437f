"""Write ImageNet weights of an EfficientNet-Lite from timm's, as a file for the folder that --weights-dir names.

pip install torch timm
python examples/efficientnet_lite_weights.py efficientnet_lite0 weights/

timm downloads its file once. The arrays are copied in the order of the layers, which both networks share; the features
of both are then compared on noise.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ["KERAS_BACKEND"] = "torch"  # PyTorch and TensorFlow in one process can crash

import keras
import numpy as np
import timm
import torch

from zoo import spec

SIDE = 96
CLOSE = 1e-3  # of features that end at 6


def convert(name: str, folder: Path) -> Path:
    """Write the file of one size, and return its path."""
    theirs = timm.create_model(f"tf_{name}", pretrained=True).eval()
    ours = spec(name).builder((SIDE, SIDE, 3))
    copy_arrays(theirs, ours)
    difference = largest_difference(theirs, ours)
    if difference > CLOSE:
        raise ValueError(f"Expected the same features from both networks; they differ by {difference}.")
    path = folder / f"{name}.weights.h5"
    ours.save_weights(path)
    return path


def copy_arrays(theirs: torch.nn.Module, ours: keras.Model) -> None:
    """Copy convolutions and batch norms one by one."""
    layers = [layer for layer in ours.layers if layer.weights]
    modules = [module for module in theirs.modules() if isinstance(module, torch.nn.Conv2d | torch.nn.BatchNorm2d)]
    for layer, module in zip(layers, modules[: len(layers)], strict=True):
        layer.set_weights(arrays(module))


def arrays(module: torch.nn.Conv2d | torch.nn.BatchNorm2d) -> list[np.ndarray]:
    """Lay a module's arrays out as Keras does: kernels ``(height, width, in, out)``, depthwise ``(..., out, 1)``."""
    if isinstance(module, torch.nn.Conv2d):
        order = (2, 3, 0, 1) if module.groups > 1 else (2, 3, 1, 0)
        return [module.weight.detach().numpy().transpose(order)]
    return [part.detach().numpy() for part in (module.weight, module.bias, module.running_mean, module.running_var)]


def largest_difference(theirs: torch.nn.Module, ours: keras.Model) -> float:
    """Compare the features of four images of noise."""
    pixels = np.random.default_rng(0).integers(0, 256, (4, SIDE, SIDE, 3)).astype("float32")
    with torch.no_grad():
        features = theirs.forward_features(torch.tensor((pixels - 127) / 128).permute(0, 3, 1, 2))
    return float(np.abs(features.permute(0, 2, 3, 1).numpy() - ours.predict(pixels, verbose=0)).max())


if __name__ == "__main__":
    print(convert(sys.argv[1], Path(sys.argv[2])))
