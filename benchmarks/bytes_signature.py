"""The SavedModel's signature ``serving_bytes`` against ``zoo.predict`` on the same files: classes and probabilities.

python benchmarks/bytes_signature.py SAVED_MODEL --data FOLDER
python benchmarks/bytes_signature.py SAVED_MODEL --data FOLDER --side 363 --kind PNG    copies of another size
"""

from __future__ import annotations

import argparse
import csv
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

import zoo
from zoo.utils.logging import quiet_tensorflow

BATCH = 32


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("model", help="what `zoo export` wrote")
    options.add_argument("--data", required=True, help="a folder of JPEG and PNG files")
    options.add_argument("--side", type=int, help="of copies, in pixels; by default the files as they are")
    options.add_argument("--kind", default="JPEG", help="of copies: JPEG or PNG")
    given = options.parse_args()
    quiet_tensorflow()
    with tempfile.TemporaryDirectory() as scratch:
        data = Path(given.data) if given.side is None else copies(Path(given.data), Path(scratch, "copies"), given)
        zoo.predict(given.model, data, Path(scratch, "out.csv"), engine="tensorflow")
        with Path(scratch, "out.csv").open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        expected = np.array([[float(row[name]) for name in row if name.startswith("probability_")] for row in rows])
        found = of_files(given.model, [data / row["path"] for row in rows])
    same = int((found.argmax(axis=1) == expected.argmax(axis=1)).sum())
    difference = np.abs(found - expected).max()
    print(f"{len(found):,} files: the same class for {same:,}; probabilities differ by {difference:.2g} at most")


def copies(folder: Path, target: Path, given: argparse.Namespace) -> Path:
    """Write the pictures of a folder again in another size."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    for number, path in enumerate(files):
        target.mkdir(parents=True, exist_ok=True)
        with Image.open(path) as image:
            resized = image.convert("RGB").resize((given.side, given.side), Image.Resampling.BICUBIC)
        resized.save(target / f"{number:06}.{given.kind.lower()}", given.kind)
    return target


def of_files(model: str, paths: list[Path]) -> np.ndarray:
    """Ask the signature for probabilities."""
    import tensorflow as tf

    loaded = tf.saved_model.load(model)
    batches = (paths[start : start + BATCH] for start in range(0, len(paths), BATCH))
    files = (tf.constant([path.read_bytes() for path in batch]) for batch in batches)
    return np.concatenate([loaded.signatures["serving_bytes"](image_bytes=some)["probabilities"] for some in files])


if __name__ == "__main__":
    main()
