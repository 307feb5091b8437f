"""Features of KerasHub's backbones against Transformers' and timm's, on the same weights.

    python benchmarks/hub_features.py --torch /path/to/a/python/with/torch/transformers/timm

A script makes preset folders of random networks, and their features; here the backbones are built from these folders,
and from those that KerasHub writes of the same weights.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import keras
import numpy as np

from zoo import build
from zoo.models.assembly import BACKBONE

BY_KERASHUB = {"vit_tiny": {"layer_norm_epsilon": 1e-12}, "dinov2_small": {}}  # what KerasHub's converter leaves out


def difference(name: str, preset: Path, data: Any) -> tuple[float, float]:
    """Largest difference of features, and the largest feature."""
    images, expected = data["images"], data["features"]
    model = build(name, 2, image_size=images.shape[1], weights=preset).model
    backbone, prepared = model.get_layer(BACKBONE), model.get_layer("normalise").output
    found = np.asarray(keras.Model(model.input, backbone(prepared))(images))
    return float(np.abs(found - expected).max()), float(np.abs(expected).max())


def main() -> None:
    """Make the presets and print a row for each and size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--torch", required=True)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        script = Path(__file__).with_name("hub_features_torch.py")
        subprocess.run([options.torch, script, folder], check=True, stderr=subprocess.DEVNULL)
        for kept in sorted(folder.glob("*.npz")):
            name, side = kept.stem.rsplit("-", 1)
            print(name, side, *(f"{value:.2g}" for value in difference(name, folder / name, np.load(kept))))
            if name in BY_KERASHUB:
                written = _written_by_kerashub(folder, name)
                print(name, side, "KerasHub's own", f"{difference(name, written, np.load(kept))[0]:.2g}")


def _written_by_kerashub(folder: Path, name: str) -> Path:
    import keras_hub

    written = folder / "keras_hub" / name
    if not written.exists():
        keras_hub.models.Backbone.from_preset(str(folder / name), **BY_KERASHUB[name]).save_to_preset(str(written))
    return written


if __name__ == "__main__":
    main()
