"""The SavedModel of a MobileNetV2 member: written by the zoo against written by ``keras.Model.export``.

python benchmarks/export_size.py
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from compare import compare

from zoo import build
from zoo.export.as_saved_model import write

MEGABYTE = 1e6


def main() -> None:
    model = build("mobilenet_v2", 8, image_size=96, weights=None).model
    with tempfile.TemporaryDirectory() as folder:
        ours, theirs = Path(folder, "ours"), Path(folder, "theirs")
        compare(
            "writing MobileNetV2",
            lambda: (shutil.rmtree(ours, ignore_errors=True), write(model, ours, "float32", None)),
            lambda: model.export(theirs, verbose=False),
            rounds=3,
        )
        print(f"weights {model.count_params() * 4 / MEGABYTE:.1f} MB, ours {_size(ours)}, theirs {_size(theirs)}")


def _size(path: Path) -> str:
    return f"{sum(file.stat().st_size for file in (path / 'variables').iterdir()) / MEGABYTE:.1f} MB"


if __name__ == "__main__":
    main()
