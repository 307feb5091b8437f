"""``zoo predict`` from a folder of images against the bare graph on the same images, decoded before.

python benchmarks/predict_speed.py SAVED_MODEL --data FOLDER
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import numpy as np
from compare import compare

from zoo import load_saved_model, predict
from zoo.data.loading import list_images
from zoo.utils.timing import GIGABYTE, peak_memory


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("model", help="what `zoo export` wrote")
    options.add_argument("--data", required=True, help="a folder of images, which have to fit into memory")
    options.add_argument("--batch-size", type=int, default=64, help="of the bare graph")
    options.add_argument("--rounds", type=int, default=5)
    given = options.parse_args()
    saved, source = load_saved_model(given.model), list_images(given.data)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "answers.csv")
        images = predict(saved, given.data, out).images
        print(f"{images:,} images in bounded memory, at most {peak_memory() / GIGABYTE:.2f} GB, TensorFlow included")
        read = source.reader(Path(folder))
        images = np.stack([read(place, saved.image_size_) for place in range(len(source))])
        starts = range(0, len(images), given.batch_size)
        compare(
            f"zoo predict from files against the bare graph, {len(images):,} images",
            lambda: predict(saved, given.data, out),
            lambda: [saved.answer_batch(images[start : start + given.batch_size]) for start in starts],
            rounds=given.rounds,
            images=len(images),
        )


if __name__ == "__main__":
    main()
