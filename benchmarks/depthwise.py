"""ConvNeXt-Tiny at 96 px on this machine: as the zoo builds it against as Keras builds it.

python benchmarks/depthwise.py
"""

from __future__ import annotations

import keras
import numpy as np
from compare import compare

from zoo.surgery.depthwise import depthwise

BATCH = 8


def main() -> None:
    stock = keras.applications.ConvNeXtTiny(include_top=False, weights=None, input_shape=(96, 96, 3))
    rewritten = depthwise(stock)
    images = np.random.default_rng(0).uniform(0, 255, (BATCH, 96, 96, 3)).astype("float32")
    answers = [model.predict_on_batch(images) for model in (rewritten, stock)]
    print(f"largest difference {np.abs(answers[0] - answers[1]).max():.1e}")
    compare(
        f"ConvNeXtTiny, batch {BATCH}",
        lambda: rewritten.predict_on_batch(images),
        lambda: stock.predict_on_batch(images),
    )


if __name__ == "__main__":
    main()
