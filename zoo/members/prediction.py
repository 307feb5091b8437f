"""Predicting with a Keras model: images are checked, predicted in full batches, and timed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from zoo.data.checks import as_pixels
from zoo.data.images import Images
from zoo.data.pictures.pixel_reading import PLAIN, PixelReading
from zoo.utils.forks import check_not_forked

if TYPE_CHECKING:
    import keras

    from zoo.utils.text import Size

PREDICTION_BATCH = 64


def predict_images(
    model: keras.Model,
    images: Images | np.ndarray,
    size: Size,
    *,
    batch_size: int = PREDICTION_BATCH,
    reading: PixelReading = PLAIN,
    seconds: list[float] | None = None,
) -> np.ndarray:
    """Predict ``(N, ...)`` float32 for images ``(N, H, W, 3)``.

    Args:
        model: of a member.
        images: of ``size``, which is ``(height, width)``.
        size: that the model takes.
        batch_size: images at a time.
        reading: how arrays of other pixels than uint8 are read.
        seconds: takes the seconds of each batch.

    Raises:
        ValueError: images of another size, or none.
        RuntimeError: this process was forked from one that had used TensorFlow.
    """
    from zoo.data.batches import predict

    check_not_forked()
    pictures = images if isinstance(images, Images) else as_pixels(images, reading)
    received = pictures.image_size if isinstance(pictures, Images) else pictures.shape[1:3]
    if tuple(received) != size:
        raise ValueError(f"Expected images of {size}, (height, width), for {model.name!r}; received {tuple(received)}.")
    predicted = predict(model, pictures, min(batch_size, len(pictures)), seconds=seconds)
    return predicted.astype(np.float32, copy=False)


def timed_prediction(model: keras.Model, images: Images, size: Size) -> tuple[np.ndarray, float]:
    """Predict likewise, and measure the images/s of the fastest batch after the first.

    The first batch compiles, and what makes one slower than another is other work on the machine. One that is the only
    one is predicted twice.
    """
    seconds: list[float] = []
    predicted = predict_images(model, images, size, seconds=seconds)
    if len(seconds) == 1:
        predict_images(model, images, size, seconds=seconds)
    return predicted, min(PREDICTION_BATCH, len(images)) / min(seconds[1:])
